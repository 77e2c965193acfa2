import pytest

from schemas.errors import SettingsError
from schemas.settings import RedactionSettings
from tasks.redaction.redact import Redactor
from tasks.redaction.rules import Rules, rules


def names(text):
    start = text.find("Ada Lovelace")
    return [(start, start + 12, "NAME")] if start >= 0 else []


def own(function):
    return Redactor(Rules(function, "mine:find"))


def write(tmp_path, monkeypatch, name, code):
    (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)


def test_detector_named_in_the_settings_finds_what_ours_do_not(tmp_path, monkeypatch):
    code = "def find(text):\n    return [(0, 3, 'NAME')] if text.startswith('Ada') else []\n"
    write(tmp_path, monkeypatch, "mine_ok", code)
    chosen = rules(RedactionSettings(custom="mine_ok:find"))
    assert Redactor(chosen).text("Ada, wang@qq.com") == "<NAME_1>, <EMAIL_1>"


def test_own_finds_have_consistent_placeholders_and_merge_with_ours():
    assert own(names).text("Ada Lovelace, Ada Lovelace") == "<NAME_1>, <NAME_1>"
    whole = lambda text: [(0, len(text), "ADDRESS")] if "@" in text else []  # noqa: E731
    assert own(whole).text("call me at wang@qq.com") == "<ADDRESS_1>"


def test_own_detector_sees_what_a_reader_sees():
    assert own(names).text(r"by Ada\u0020Lovelace\n") == r"by <NAME_1>\n"
    assert own(names).json('{"by": "Ada Lovelace"}') == '{"by": "<NAME_1>"}'


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ([(0, 400, "NAME")], "returned 0 to 400 in a text of 6 characters"),
        ([(3, 3, "NAME")], "returned 3 to 3"),
        ([(-1, 3, "NAME")], "returned -1 to 3"),
        ([(0, 3, "secret!")], "returned a kind that is no word in capitals"),
        ([(0, 3)], "returned ['int', 'int']"),
        ([("secret", 0, 3)], "returned ['str', 'int', 'int']"),
        (["secret"], "returned ..."),
        (None, "failed with TypeError"),
        (3, "failed with TypeError"),
    ],
)
def test_broken_returns_stop_with_one_line_that_shows_no_value(returned, said):
    with pytest.raises(SettingsError) as caught:
        own(lambda text: returned).text("secret")
    assert said in str(caught.value)
    assert "mine:find" in str(caught.value)
    assert "'secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_failing_detector_stops_without_showing_the_text():
    def fails(text):
        raise ValueError(text)

    with pytest.raises(
        SettingsError, match="failed with ValueError on a text of 6 characters"
    ) as e:
        own(fails).text("secret")
    assert "secret" not in str(e.value)


def test_functions_that_cannot_be_had_are_named(tmp_path, monkeypatch):
    write(tmp_path, monkeypatch, "mine_broken", "1 / 0\n")
    write(tmp_path, monkeypatch, "mine_number", "find = 3\n")
    for name, said in (
        ("no_such_module:find", "no module 'no_such_module'"),
        ("json:no_such", "json has no function 'no_such'"),
        ("json", "json has no function ''"),
        (":find", "no module ''"),
        ("mine_broken:find", "failed with ZeroDivisionError"),
        ("mine_number:find", "is no function"),
    ):
        with pytest.raises(SettingsError, match=f"redaction.custom = '{name}'") as caught:
            rules(RedactionSettings(custom=name))
        assert said in str(caught.value)


def test_kinds_may_be_kept_but_no_secrets():
    kept = Redactor(rules(RedactionSettings(keep=["IP"])))
    assert kept.text("8.8.4.4 or wang@qq.com") == "8.8.4.4 or <EMAIL_1>"
    for kind in ("SECRET", "ip", "NAME"):
        with pytest.raises(SettingsError, match=f"no kind {kind!r} may be kept; known: ACCOUNT"):
            rules(RedactionSettings(keep=[kind]))
