"""What a column of an export holds, for Arrow and for the card's YAML.

Readers that guess types from the first rows fail where a later row differs: `datasets` 5.2 reads
10 MB of JSON lines, and then cannot cast text to null. So the card declares every column, a column
that no row would fill is left out, and messages that differ in their keys are JSON values.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

_TEXT = {"dtype": "string"}


def _json_lists(values: Sequence[Sequence[Any]]) -> pa.Array:
    texts = [json.dumps(one, ensure_ascii=False) for value in values for one in value]
    ends = [0]
    for value in values:
        ends.append(ends[-1] + len(value))
    items = pa.ExtensionArray.from_storage(pa.json_(), pa.array(texts, pa.string()))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), items)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its Arrow type, its feature in the card, and how Python values become Arrow."""

    arrow: pa.DataType
    feature: Mapping[str, Any]
    build: Callable[[Sequence[Any]], pa.Array] | None = None

    def array(self, values: Sequence[Any]) -> pa.Array:
        """Return `values` as an Arrow array."""
        return self.build(values) if self.build else pa.array(values, self.arrow)


def _struct(*names: str) -> Column:
    kind = pa.list_(pa.struct([(name, pa.string()) for name in names]))
    return Column(kind, {"list": [{"name": name, **_TEXT} for name in names]})


TEXT = Column(pa.string(), _TEXT)
WHOLE = Column(pa.int32(), {"dtype": "int32"})
TRUTH = Column(pa.bool_(), {"dtype": "bool"})
PAIRS = Column(pa.list_(pa.list_(pa.string())), {"list": {"list": "string"}})
TURNS = _struct("from", "value")
WORDS = _struct("role", "content")  # messages that are nothing but words
OBJECTS = Column(pa.list_(pa.json_()), {"list": "json"}, _json_lists)  # those that differ in keys
