import re

import pytest

from schemas import ddl
from schemas.stages import STAGES

TABLE = """\
-- What a row is.
-- Written by tasks/x.py.
CREATE TABLE IF NOT EXISTS things (
    day    DATE    NOT NULL,  -- UTC day -- of the chat
    "value" STRUCT(a VARCHAR, b INTEGER)[] NOT NULL,  -- a list, of pairs
    reply  VARCHAR NOT NULL USING COMPRESSION zstd,  -- private: what it said
    note   VARCHAR   -- NULL = none
);
"""


def test_a_table_is_read_with_its_types_comments_and_private_columns():
    table = ddl.parse_table("things", TABLE)
    assert table.comment == "What a row is. Written by tasks/x.py."
    assert [(c.name, c.type, c.nullable, c.comment, c.private) for c in table.columns] == [
        ("day", "DATE", False, "UTC day -- of the chat", False),
        ("value", "STRUCT(a VARCHAR, b INTEGER)[]", False, "a list, of pairs", False),
        ("reply", "VARCHAR", False, "what it said", True),
        ("note", "VARCHAR", True, "NULL = none", False),
    ]
    assert table.public == ("day", "value", "note")
    assert table.sql == TABLE


@pytest.mark.parametrize(
    "line", ["    note   VARCHAR", "    note   VARCHAR,", "  note VARCHAR", "    note VARCHAR --"]
)
def test_a_column_without_a_comment_is_refused_with_its_line(line):
    with pytest.raises(ValueError, match=re.escape(repr(line))):
        ddl.parse_table("things", TABLE.replace("    note   VARCHAR   -- NULL = none", line))


@pytest.mark.parametrize("mark", ["Private: ", "private:", "PRIVATE - ", "private; "])
def test_a_private_mark_that_is_misspelt_is_refused_instead_of_published(mark):
    with pytest.raises(ValueError, match="private: ` exactly"):
        ddl.parse_table("things", TABLE.replace("private: ", mark))


def test_private_are_the_users_raw_payloads_and_replies_of_models():
    private = {(t.name, c.name) for t in ddl.tables().values() for c in t.columns if c.private}
    assert private == {
        ("chats", "user_key"),
        ("prompts", "user_key"),
        ("quarantine", "payload"),
        ("llm_calls", "reply"),
    }


def test_every_table_says_what_a_row_is_and_who_writes_it():
    for table in ddl.tables().values():
        assert re.search(r"Written by tasks/\w+(/\w+)?\.py", table.comment), table.name


def test_views_come_after_the_views_they_need():
    seen = []
    for view in ddl.views():
        body = re.sub(r"COMMENT ON .*|--.*", "", view.sql)
        later = {v.name for v in ddl.views()} - {*seen, view.name}
        assert not {name for name in later if re.search(rf"\b(FROM|JOIN) {name}\b", body)}
        seen.append(view.name)


def test_migrations_are_numbered_without_gaps():
    versions = [migration.version for migration in ddl.migrations()]
    assert versions == list(range(1, len(versions) + 1))


def test_the_checksum_of_a_migration_is_that_of_its_text():
    one = ddl.Migration(7, "007_x", "SELECT 1")
    assert one.sha256 == ddl.Migration(8, "008_y", "SELECT 1").sha256
    assert one.sha256 != ddl.Migration(7, "007_x", "SELECT 2").sha256


def test_what_a_stage_reads_comes_in_a_total_order():
    for stage in STAGES[1:]:
        order = ddl.query(stage.name).rpartition("ORDER BY")[2]
        assert re.search(rf"\b{stage.key}\b", order), stage.name
