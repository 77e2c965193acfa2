"""What every test of reading a file asks for."""

from schemas.conversation import Unreadable
from tasks.sources.records import read_records


def read(path, offset=0, max_bytes=10_000):
    return list(read_records(path, offset=offset, max_bytes=max_bytes))


def found(records):
    """Give each record's value, or why it has none."""
    return [r.value.reason if isinstance(r.value, Unreadable) else r.value for r in records]
