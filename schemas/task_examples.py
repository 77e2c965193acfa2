"""The prompts that ship with the closed list, so that a tagger can learn it before any tag."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import TypeAdapter, ValidationError

from schemas.errors import TaxonomyError
from schemas.task_types import TaskTypes, Text, first_mistake

SHIPPED = files("schemas") / "task_examples.toml"
_Examples = TypeAdapter(dict[str, tuple[Text, ...]])


def load_examples(types: TaskTypes) -> tuple[tuple[str, str], ...]:
    """Return (label, prompt) for all that the list and the shipped file know, each pair once.

    The examples of the list itself come first, in its order. Shipped ones of kinds that the list
    renamed come under the new name; those of kinds that it does not have are left out.
    """
    return tuple(dict.fromkeys(_pairs(types)))


def read_examples(source: Traversable = SHIPPED) -> dict[str, tuple[str, ...]]:
    """Read a file of examples: a line `"area/kind" = [prompts]` per kind.

    Raises:
        TaxonomyError: the file cannot be read or something in it is wrong; the message names the
            file, the kind, what was seen and what to do.
    """
    try:
        return _Examples.validate_python(tomllib.loads(source.read_text(encoding="utf-8")))
    except OSError as error:
        raise TaxonomyError(f"{source}: {error.strerror}. Install the package again.") from None
    except tomllib.TOMLDecodeError as error:
        raise TaxonomyError(f"{source}: not TOML: {error}. Mend that line.") from None
    except ValidationError as error:
        raise TaxonomyError(
            f"{source}: {first_mistake(error)}; "
            'write `"area/kind" = [...]` with a list of prompts that are not blank.'
        ) from None


def _pairs(types: TaskTypes) -> Iterator[tuple[str, str]]:
    for kind in types.kinds.values():
        yield from ((kind.label, example) for example in kind.examples)
    for label, examples in read_examples().items():
        resolved = types.resolve(label)
        if resolved is not None:
            yield from ((resolved, example) for example in examples)
