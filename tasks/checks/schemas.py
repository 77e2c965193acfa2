"""JSON Schemas that strangers wrote: nothing is fetched, and no pattern can hang a check."""

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

# Patterns are not tried: Python's regular expressions can take for ever on some.
_Validator = extend(
    Draft202012Validator, dict.fromkeys(("pattern", "patternProperties"), lambda *_: None)
)
_MOST = 200  # characters of what is wrong: it may quote the whole value


def violation(value: Any, schema: Any) -> str | None:
    """Return how a value breaks a schema; None where it does not, or the schema is none."""
    try:
        Draft202012Validator.check_schema(schema)
        _Validator(schema, registry=Registry()).validate(value)
    except ValidationError as error:
        return str(error.message[:_MOST])
    except (SchemaError, Unresolvable, RecursionError):
        return None
    return None
