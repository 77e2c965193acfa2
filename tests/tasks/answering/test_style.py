"""How each task type is asked."""

import pytest

from schemas.errors import SettingsError
from schemas.settings_file import load as load_settings
from schemas.stages import BY_NAME
from tasks.answering.style import styles_of
from tasks.fingerprint import settings_hash
from tasks.templates import template


@pytest.fixture
def read(tmp_path):
    """Load settings from the text of a flywheel.toml."""

    def read(text):
        path = tmp_path / "flywheel.toml"
        path.write_text(text, encoding="utf-8")
        return load_settings(path, environ={})

    return read


@pytest.fixture
def own(tmp_path):
    """Write a template of the user's: own("tea.v1", text)."""

    def write(name, text="You sell tea."):
        (tmp_path / "prompts").mkdir(exist_ok=True)
        (tmp_path / "prompts" / f"{name}.txt").write_text(text, encoding="utf-8")

    return write


TOML = """
[answer]
temperature = 0.5
few_shot = 1
[answer.kinds."maths/*"]
temperature = 0.0
max_tokens = 9
[answer.kinds."maths/arithmetic"]
max_tokens = 7
few_shot = 0
"""


def test_a_task_type_goes_before_its_area_and_both_before_the_rest_key_by_key(read):
    styles = styles_of(read(TOML))
    found = {
        label: (styles.of(*label.split("/")).params, styles.of(*label.split("/")).few_shot)
        for label in ("maths/arithmetic", "maths/statistics", "qa/how_to", "unknown/unknown")
    }
    assert found == {
        "maths/arithmetic": ({"temperature": 0.0, "max_tokens": 7}, 0),
        "maths/statistics": ({"temperature": 0.0, "max_tokens": 9}, 1),
        "qa/how_to": ({"temperature": 0.5, "max_tokens": 1024}, 1),
        "unknown/unknown": ({"temperature": 0.5, "max_tokens": 1024}, 1),
    }


def test_a_former_label_is_asked_as_the_task_type_of_today(read):
    cfg = read("[answer.kinds.'qa/multiple_choice']\nmax_tokens = 5")
    assert styles_of(cfg).of("classification", "true_or_false").params["max_tokens"] == 5


def test_reasoning_is_the_task_types_own_unless_the_settings_say_otherwise(read):
    cfg = read(
        "[answer.kinds.'maths/arithmetic']\nreasoning = false\n"
        "[answer.kinds.'qa/how_to']\nreasoning = true"
    )
    names = {
        label: styles_of(cfg).of(*label.split("/")).template
        for label in ("maths/arithmetic", "qa/how_to", "reasoning/puzzle", "reasoning/sorting")
    }
    assert names == {
        "maths/arithmetic": "answer_short.v1",
        "qa/how_to": "answer_long_think.v1",
        "reasoning/puzzle": "answer_long_think.v1",
        "reasoning/sorting": "answer_short.v1",
    }


@pytest.mark.parametrize("style", ["long", "short"])
def test_templates_that_ask_to_think_name_the_tags_that_are_stripped(style):
    text = template(f"answer_{style}_think.v1")
    assert "<think>" in text
    assert "</think>" in text


def test_a_template_of_the_users_is_taken_as_it_is_also_where_reasoning_is_asked_for(read, own):
    own("tea.v2", "\n You sell tea. \n")
    cfg = read("[answer]\ntemplates = 'prompts'\nkinds = {'maths/*' = {template = 'tea.v2'}}")
    style = styles_of(cfg).of("maths", "arithmetic")
    assert (style.template, style.system, style.thinks) == ("tea.v2", "You sell tea.", True)
    assert styles_of(cfg).of("qa", "how_to").template == "answer_long.v1"


def test_an_endpoint_takes_over_what_is_not_of_another_server_or_model(read):
    llm = read(
        "[llm]\nbase_url = 'http://a/v1'\nmodel = 'big'\ngroup = 'g'\nalso = ['http://b/v1']\n"
        "api_key_env = 'BIG_KEY'\nrpm = 5\ninput_usd_per_mtok = 9\ntimeout_s = 7\n"
        "[llm.endpoints.slow]\nconcurrency = 1\n"
        "[llm.endpoints.small]\nmodel = 'small'\n"
        "[llm.endpoints.other]\nbase_url = 'http://c/v1'\ntimeout_s = 8\n"
    ).llm
    keys = ("base_url", "model", "group", "also", "api_key_env", "rpm", "input_usd_per_mtok")
    found = {
        name: [getattr(llm.endpoint(name), key) for key in (*keys, "timeout_s", "concurrency")]
        for name in ("", *llm.endpoints)
    }
    big = ["http://a/v1", "big", "g", ("http://b/v1",), "BIG_KEY", 5, 9]
    assert found == {
        "": [*big, 7, 32],
        "slow": [*big, 7, 1],
        "small": ["http://a/v1", "small", "", ("http://b/v1",), "BIG_KEY", 5, None, 7, 32],
        "other": ["http://c/v1", "big", "", (), "", None, None, 8, 32],
    }


def test_what_a_section_leaves_unset_stays_unset_when_settings_are_handed_on_as_json(read):
    cfg = read(
        "[llm]\ntimeout_s = 7\n[llm.endpoints.small]\nmodel = 'small'\n"
        "[answer]\nsamples = 3\nkinds = {'maths/*' = {max_tokens = 9}}"
    )
    again = type(cfg).model_validate_json(cfg.model_dump_json())
    assert again.llm.endpoint("small").timeout_s == 7
    assert styles_of(again).of("maths", "arithmetic").samples == 3


MISTAKES = {
    "unknown key": (
        "[answer.kinds.'maths/arithmetic']\ntemprature = 1",
        r"unknown key 'answer\.kinds\.maths/arithmetic\.temprature'\. "
        r"Did you mean 'answer\.kinds\.maths/arithmetic\.temperature'\?",
    ),
    "wrong value": (
        "[answer.kinds.'maths/*']\nsamples = 0",
        r"answer\.kinds\.maths/\*\.samples = 0: Input should be greater than or equal to 1",
    ),
    "unknown kind": (
        "[answer.kinds.'maths/arithmetics']\nsamples = 2",
        r"\[answer\.kinds\.\"maths/arithmetics\"\]: no such task type\. "
        r"The nearest is 'maths/arithmetic'",
    ),
    "former kind": (
        "[answer.kinds.'classification/true_or_false']\nsamples = 2",
        r"The nearest is 'qa/multiple_choice'",
    ),
    "unknown area": ("[answer.kinds.'math/*']\nsamples = 2", r"The nearest is 'maths/\*'"),
    "no label": ("[answer.kinds.maths]\nsamples = 2", r"\"maths\"\]: no such task type"),
    "unknown endpoint": (
        "[answer.kinds.'maths/*']\nendpoint = 'smal'\n[llm.endpoints.small]\nmodel = 'm'",
        r"\[answer\.kinds\.\"maths/\*\"\]: endpoint = 'smal' names no .*nearest is 'small'",
    ),
    "no endpoints": (
        "[answer]\nendpoint = 'small'",
        r"\[answer\]: endpoint = 'small' names no .*There is no such section yet",
    ),
    "unknown key of an endpoint": (
        "[llm.endpoints.small]\nmodle = 'm'",
        r"'llm\.endpoints\.small\.modle'\. Did you mean 'llm\.endpoints\.small\.model'",
    ),
    "password": (
        "[llm.endpoints.small]\nbase_url = 'http://me:hunter2@h/v1'",
        r"llm\.endpoints\.small\.base_url: holds a user or password",
    ),
    "template without version": ("[answer]\ntemplate = 'tea'", r"answer\.template = 'tea': "),
    "unknown template": (
        "[answer]\ntemplate = 'answer_lang.v1'",
        r"no template 'answer_lang\.v1' in answer\.templates, which is not set\. "
        r"The nearest is 'answer_long\.v1'",
    ),
    "unknown template of a kind": (
        "[answer]\ntemplates = 'prompts'\n[answer.kinds.'maths/*']\ntemplate = 'tee.v1'",
        r"no template 'tee\.v1' in .*prompts\. The nearest is 'tea\.v1'",
    ),
    "no folder": (
        "[answer]\ntemplates = 'nowhere'\ntemplate = 'tea.v1'",
        r"answer\.templates: .*nowhere is no folder",
    ),
    "empty template": (
        "[answer]\ntemplates = 'prompts'\ntemplate = 'empty.v1'",
        r"empty\.v1\.txt is empty",
    ),
    "name of one that ships": (
        "[answer]\ntemplates = 'prompts'\ntemplate = 'answer_long.v1'",
        r"answer_long\.v1\.txt has the name of a template that ships\. Rename it",
    ),
}


@pytest.mark.parametrize(("text", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_every_mistake_is_one_line_that_says_what_to_do(read, own, text, said):
    own("tea.v1")
    own("empty.v1", " \n")
    own("answer_long.v1")
    with pytest.raises(SettingsError, match=said) as error:
        styles_of(read(text))
    assert len(str(error.value).splitlines()) == 1
    assert "hunter2" not in str(error.value)


def test_what_decides_rows_is_in_the_fingerprint_and_speed_and_places_are_not(read, own, tmp_path):
    toml = (
        "[answer]\ntemplates = 'prompts'\nkinds = {'maths/*' = {template = 'tea.v1', "
        "endpoint = 'small'}}\n[llm.endpoints.small]\nmodel = 'small'\nbase_url = 'http://a/v1'\n"
    )

    def fingerprint(text):
        return settings_hash(BY_NAME["answer"], read(text))

    own("tea.v1")
    before = fingerprint(toml)
    speed = "concurrency = 3\nrpm = 4\napi_key_env = 'K'\ninput_usd_per_mtok = 3\n"
    assert fingerprint(toml + speed) == before
    assert fingerprint(toml.replace("//a", "//b")) == before
    assert fingerprint(toml + "[llm.endpoints.unused]\nmodel = 'm'\n") == before
    (tmp_path / "moved").mkdir()
    (tmp_path / "prompts" / "tea.v1.txt").rename(tmp_path / "moved" / "tea.v1.txt")
    assert fingerprint(toml.replace("prompts", "moved")) == before
    assert fingerprint(toml.replace("prompts", "moved").replace("'small'\nb", "'s'\nb")) != before
    own("tea.v1", "You sell coffee.")
    assert fingerprint(toml) != before
