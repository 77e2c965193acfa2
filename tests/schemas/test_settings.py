from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas.errors import SettingsError
from schemas.settings import FlywheelSettings
from schemas.settings_file import keys, load


@pytest.fixture
def read(tmp_path):
    """Load settings from the text of a flywheel.toml, variables and flags."""

    def read(text="", environ=None, flags=None):
        path = tmp_path / "flywheel.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, flags, environ or {})

    return read


@pytest.fixture
def refused(read):
    """The one line that such settings are refused with."""

    def refused(*args, **kwargs):
        with pytest.raises(SettingsError) as error:
            read(*args, **kwargs)
        assert len(str(error.value).splitlines()) == 1
        return str(error.value)

    return refused


def test_an_empty_file_is_all_defaults(read):
    assert read().filter == FlywheelSettings().filter


def test_settings_cannot_be_changed_afterwards(read):
    with pytest.raises(ValidationError, match="frozen"):
        read().filter.min_chars = 1


@pytest.mark.parametrize(
    ("text", "seen", "nearest"),
    [
        ("profil = 'x'", "profil", "profile"),
        ("max_calls = 3", "max_calls", "caps.max_calls"),
        ("[filtr]\nmin_chars = 3", "filtr", "filter"),
        ("[filter]\nmin_char = 3", "filter.min_char", "filter.min_chars"),
        ("[llm]\napi_key = 'sk-1234'", "llm.api_key", "llm.api_key_env"),
        ("[[source]]\nname = 'x'", "source", "sources"),
        ("[[sources]]\n[[sources]]\npaht = 'x'", "sources.1.paht", "sources.1.path"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(
    refused, tmp_path, text, seen, nearest
):
    said = refused(text)
    start = f"{tmp_path / 'flywheel.toml'}: unknown key {seen!r}. Did you mean {nearest!r}?"
    assert said.startswith(start)
    assert "sk-1234" not in said


def test_an_unknown_key_like_no_other_is_refused_all_the_same(refused):
    assert "unknown key 'zzzzzzzzzzzz'. `flywheel doctor`" in refused("zzzzzzzzzzzz = 1")


@pytest.mark.parametrize(
    ("text", "key", "wanted"),
    [
        ("[filter]\nmin_chars = 'four'", "filter.min_chars = 'four'", "valid integer"),
        ("[filter]\nmin_chars = '''\nfour\nfive'''", "filter.min_chars", "valid integer"),
        ("[pull]\nlate_days = 1.5", "pull.late_days = 1.5", "valid integer"),
        ("[pull]\nlate_days = -1", "pull.late_days = -1", "greater than or equal to 0"),
        ("[filter]\nlanguages = ['en', 3]", "filter.languages.1 = 3", "valid string"),
        ("[filter]\nlanguages = ['zh-CN']", "filter.languages", "two small letters"),
        ("[filter]\nlanguages = ['EN']", "filter.languages", "two small letters"),
        ("[filter]\nmin_chars = 1000000000000", "filter.min_chars", "less than or equal to"),
        ("[filter]\nlanguages = 'en'", "filter.languages = 'en'", 'a list, as ["a", "b"]'),
        ("[dedupe]\nthreshold = nan", "dedupe.threshold = nan", "less than or equal to 1"),
        ("[[sources]]\nkind = 'ftp'", "sources.0.kind = 'ftp'", "'files' or 'sql'"),
        ("[[sources]]\nname = 'My Logs'", "sources.0.name = 'My Logs'", "match pattern"),
        ("[sources]\nname = 'x'", "sources = {'name': 'x'}", "[[sources]]"),
        ("[dataset.trait_quotas]\nrobust = 9", "dataset.trait_quotas", "nearest known one is"),
        ("[dataset.loss_shares]\na = 0.6\nb = 0.6", "dataset.loss_shares", "more than 1"),
        ("[dataset]\nmin_rows = 9\nmax_rows = 8", "dataset", "min_rows = 9 is over max_rows = 8"),
        ("[[dataset.extra]]\nname = 'a'\npath = 'b'", "dataset.extra.0.license", "required"),
        ("filter = 4", "filter = 4", "a section"),
        ("profile = 'prod'", "profile = 'prod'", "'development' or 'production'"),
    ],
)
def test_a_wrong_value_is_refused_with_its_file_and_key(refused, tmp_path, text, key, wanted):
    said = refused(text)
    assert said.startswith(f"{tmp_path / 'flywheel.toml'}: {key}")
    assert wanted in said


def test_a_variable_is_stronger_than_the_file_and_a_flag_than_both(read):
    text, environ = "[caps]\nmax_calls = 1\nmax_tokens = 1", {"FLYWHEEL_CAPS__MAX_CALLS": "2"}
    assert read(text).caps.max_calls == 1
    assert read(text, environ).caps.max_calls == 2
    flagged = read(text, environ, {"caps.max_calls": 3, "caps.max_usd": None})
    assert (flagged.caps.max_calls, flagged.caps.max_usd, flagged.caps.max_tokens) == (3, None, 1)


def test_every_key_can_be_given_by_a_variable_lists_too(read):
    environ = {
        "FLYWHEEL_PROFILE": "production",
        "FLYWHEEL_LLM__MODEL": "m",
        "FLYWHEEL_TAG__USE_MODEL": "false",
        "FLYWHEEL_FILTER__LANGUAGES": '["en", "de"]',
        "FLYWHEEL_SOURCES": '[{name = "a"}, {name = "b", path = "/x"}]',
    }
    cfg = read("", environ)
    assert (cfg.profile, cfg.llm.model, cfg.tag.use_model) == ("production", "m", False)
    assert cfg.filter.languages == ("en", "de")
    assert [source.name for source in cfg.sources] == ["a", "b"]


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (
            {"FLYWHEEL_FILTER__MIN_CHAR": "3"},
            "FLYWHEEL_FILTER__MIN_CHAR is no setting. Did you mean FLYWHEEL_FILTER__MIN_CHARS?",
        ),
        ({"FLYWHEEL_CAPS__MAX_CALLS": "-1"}, "FLYWHEEL_CAPS__MAX_CALLS: caps.max_calls = '-1':"),
        ({"FLYWHEEL_FILTER__LANGUAGES": "en"}, "FLYWHEEL_FILTER__LANGUAGES: filter.languages ="),
        ({"FLYWHEEL_FILTER__LANGUAGES": "[en]"}, "FLYWHEEL_FILTER__LANGUAGES: filter.languages ="),
        (
            {"FLYWHEEL_FILTER__LANGUAGES": '["en", 3]'},
            "FLYWHEEL_FILTER__LANGUAGES: filter.languages.1 = 3:",
        ),
    ],
)
def test_a_wrong_variable_is_refused_by_its_own_name(refused, environ, said):
    assert refused("[filter]\nmin_chars = 3", environ).startswith(said)


def test_a_wrong_flag_is_refused_by_its_own_name(refused):
    said = refused("", {"FLYWHEEL_CAPS__MAX_CALLS": "2"}, {"caps.max_calls": -1})
    assert said.startswith("--max-calls: caps.max_calls = -1:")


def test_a_variable_of_a_section_that_is_none_leaves_the_mistake_to_the_file(refused, tmp_path):
    said = refused("llm = 'x'", {"FLYWHEEL_LLM__MODEL": "m"})
    assert said.startswith(f"{tmp_path / 'flywheel.toml'}: llm = 'x'")


def test_secrets_and_variables_of_others_are_no_settings(read):
    environ = {
        "FLYWHEEL_API_KEY": "sk-1234",
        "FLYWHEEL_USER_KEY": "u",
        "FLYWHEEL_OTHER_KEY": "x",  # whatever llm.api_key_env may name
        "PREFECT__X": "1",
    }
    assert read("", environ) == read()
    assert "sk-1234" not in read("", environ).model_dump_json()


def test_paths_start_at_the_file_and_not_at_the_current_folder(read, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    cfg = read("var = 'v'\ntask_types = 't.toml'\n[[sources]]\npath = 'in/*.jsonl'")
    assert (cfg.var, cfg.task_types) == (tmp_path / "v", tmp_path / "t.toml")
    assert cfg.sources[0].path == str(tmp_path / "in/*.jsonl")
    assert cfg.warehouse == tmp_path / "v" / "warehouse.duckdb"
    assert cfg.published == tmp_path / "v" / "published" / "analytics.duckdb"


def test_absolute_paths_and_those_of_the_home_folder_stay_theirs(read, monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    cfg = read("var = '~/v'\ntask_types = '/t.toml'\n[[sources]]\npath = '~/logs'")
    assert (cfg.var, cfg.task_types) == (Path("/home/somebody/v"), Path("/t.toml"))
    assert cfg.sources[0].path == "/home/somebody/logs"


def test_without_a_path_the_file_of_the_current_folder_is_read_if_there_is_one(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert load(environ={}).var == tmp_path / "var"
    (tmp_path / "flywheel.toml").write_text("[filter]\nmin_chars = 9")
    assert load(environ={}).filter.min_chars == 9


def test_a_file_that_was_asked_for_must_be_there(tmp_path):
    with pytest.raises(SettingsError, match=r"^no .*nope\.toml\. `flywheel init` writes one\.$"):
        load(tmp_path / "nope.toml", environ={})


@pytest.mark.parametrize("text", ["a = = 1", "[filter", "a = 'x\ny'"])
def test_broken_toml_is_refused_with_its_place(refused, text):
    said = refused(text)
    assert said.startswith("flywheel.toml cannot be read:")
    assert "line" in said or "end of document" in said


def test_a_file_that_is_no_text_and_a_folder_are_refused(tmp_path):
    (tmp_path / "flywheel.toml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "flywheel.toml", tmp_path):
        with pytest.raises(SettingsError, match="cannot be read"):
            load(path, environ={})


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path):
    (tmp_path / "flywheel.toml").write_bytes(b"\xef\xbb\xbf[filter]\nmin_chars = 9")
    assert load(tmp_path / "flywheel.toml", environ={}).filter.min_chars == 9


def test_every_setting_says_what_it_means():
    def described(model):
        for field in model.model_fields.values():
            if hasattr(field.annotation, "model_fields"):
                yield from described(field.annotation)
            else:
                yield field.description

    assert all(described(FlywheelSettings))
    assert len(list(keys())) == len(list(described(FlywheelSettings)))


SQL = "[[sources]]\nkind = 'sql'\nquery = 'SELECT 1'\n"


def test_a_database_is_named_by_its_url_or_by_a_variable_that_holds_it(read, tmp_path):
    url = "postgresql://me:${PASSWORD}@host:5432/db?sslmode=require"
    assert read(f"{SQL}url = '{url}'").sources[0].url == url
    assert read(f"{SQL}url_env = 'DATABASE'").sources[0].url_env == "DATABASE"
    assert read(f"{SQL}url = 'sqlite:///app.db'").sources[0].url == f"sqlite:///{tmp_path}/app.db"
    absolute = "sqlite:////srv/app.db"
    assert read(f"{SQL}url = '{absolute}'").sources[0].url == absolute


@pytest.mark.parametrize(
    "url",
    ["mysql://me:hunter2@host/db", "mysql://me:${A}hunter2@h/db", "mysql://h/db?password=hunter2"],
)
def test_a_password_in_the_file_is_refused_and_not_repeated(refused, url):
    said = refused(f"{SQL}url = '{url}'")
    assert "sources.0.url: holds a password; put it into the environment" in said
    assert "hunter2" not in said
    assert "hunter2" not in refused(f"[sources]\nurl = '{url}'")


@pytest.mark.parametrize("line", ["base_url = '{}'", "also = ['http://a/v1', '{}']"])
@pytest.mark.parametrize("user", ["hunter2", "me:hunter2"])
def test_a_user_in_the_address_of_the_model_is_refused_and_not_repeated(refused, line, user):
    said = refused("[llm]\n" + line.format(f"https://{user}@host/v1"))
    assert "holds a user or password; put the key into the environment" in said
    assert "hunter2" not in said


def test_a_source_that_lacks_what_its_kind_needs_is_refused(refused):
    for text in (SQL, f"{SQL}url = 'sqlite:///a'\nurl_env = 'A'", "[[sources]]\nkind = 'sql'"):
        assert 'kind = "sql" needs `query`, and either `url` or `url_env`' in refused(text)
    assert 'need kind = "sql"' in refused("[[sources]]\nquery = 'SELECT 1'")


def test_the_address_of_remote_files_does_not_start_at_the_folder(read):
    for path in ("s3://bucket/logs", "https://host/logs.jsonl", "file:///srv/logs"):
        assert read(f"[[sources]]\npath = '{path}'").sources[0].path == path


def test_votes_on_a_source_that_does_not_exist_names_those_that_do(refused):
    said = refused('[[sources]]\nname = "app"\n[[sources]]\nname = "poll"\nvotes_on = "ap"')
    assert "votes_on = 'ap' of source 'poll' names no source; there are: app, poll." in said
