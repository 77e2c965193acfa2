import pytest

from schemas.errors import SourceError
from schemas.settings import SourceSettings
from tasks.sources import SOURCES
from tasks.sources.files import files

NAMES = ("b.jsonl", "a.json", "c.ndjson.gz", "deep/er/d.json.zst", "E.JSONL")
NAMES += ("f.csv", "g.tsv.gz", "h.parquet")
OTHERS = ("notes.txt", "i.parquet.gz", ".hidden.jsonl", ".cache/e.jsonl", "deep/f.jsonl.bz2")


@pytest.fixture
def logs(tmp_path):
    for name in NAMES + OTHERS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def found(logs, path):
    paths = files(SourceSettings(path=str(logs / path)))
    return [path.relative_to(logs).as_posix() for path in paths]


def test_a_folder_gives_every_log_below_it_in_order(logs):
    assert found(logs, ".") == sorted(NAMES)


def test_a_file_gives_itself(logs):
    assert found(logs, "b.jsonl") == ["b.jsonl"]


def test_a_glob_gives_what_matches_and_is_a_log(logs):
    assert found(logs, "[ab].*") == ["a.json", "b.jsonl"]
    assert found(logs, "**/*.zst") == ["deep/er/d.json.zst"]


@pytest.mark.parametrize("path", ["none.jsonl", "*.xlsx", "notes.txt", "deep/f*"])
def test_nothing_to_read_is_an_error_that_says_what_was_wanted(logs, path):
    with pytest.raises(SourceError, match=r"source 'logs'.*\.jsonl\.gz.*Fix `path`"):
        found(logs, path)


def test_a_file_url_is_a_path(logs):
    (path,) = files(SourceSettings(path=f"file://{logs}/b.jsonl"))
    assert path == logs / "b.jsonl"


def test_a_file_whose_name_looks_like_a_glob_is_read(logs):
    (logs / "day[1].jsonl").touch()
    assert found(logs, "day[1].jsonl") == ["day[1].jsonl"]


def test_the_kind_in_settings_names_this_source():
    assert SOURCES[SourceSettings().kind] is files
