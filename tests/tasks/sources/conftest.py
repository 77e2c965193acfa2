import pytest


@pytest.fixture
def log(tmp_path, request):
    """Write a log file, its text or its bytes, under the name that the test module calls LOG."""

    default = getattr(request.module, "LOG", "log.jsonl")

    def write(data, name=default):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write
