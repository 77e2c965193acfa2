import http.client
import json
import shutil
from urllib.parse import urlsplit

import polars as pl
import pytest

from schemas.settings_file import load
from tasks.adapters import store

DAY = "2026-05-01"
UNTOUCHED = ("answers", "tagged_prompts", "llm_calls", "claims", "prompts", "unique_prompts")
DRUMS = "My neighbour plays the drums at night and I do not like it."
ASKED = (
    "Why does my sourdough bread collapse in the oven?",
    "How do I remove a red wine stain from a white shirt?",  # keywords know what it is
    "Calculate 12 + 30.",  # and this
)


@pytest.fixture
def flywheel(flywheel, prefect_backend):
    """The command line; starting Prefect's server once is enough."""
    return flywheel


@pytest.fixture
def home(tmp_path, teacher_url, flywheel):
    """A folder as `flywheel init` leaves it, with the scripted teacher and its price."""
    assert flywheel("init").code == 0
    toml = (tmp_path / "flywheel.toml").read_text()
    toml = toml.replace('base_url = ""', f'base_url = "{teacher_url}"\ninput_usd_per_mtok = 2.0')
    toml = toml.replace(
        '\nmodel = ""', '\nmodel = "demo-scripted-teacher"\noutput_usd_per_mtok = 8.0'
    )
    (tmp_path / "flywheel.toml").write_text(toml)
    return tmp_path


@pytest.fixture
def log(home):
    """Write a log of one chat per prompt: log("a.jsonl", *prompts)."""

    def write(name, *prompts, day=DAY, said=()):
        before = [{"role": ("user", "assistant")[n % 2], "content": t} for n, t in enumerate(said)]
        lines = [
            {
                "id": f"{name}{n}",
                "timestamp": f"{day}T10:{n // 60:02d}:{n % 60:02d}Z",
                "user": f"{name}{n}",
                "request": {
                    "model": "assistant",
                    "messages": [*before, {"role": "user", "content": prompt}],
                },
                "response": {"choices": [{"message": {"role": "assistant", "content": "Hm."}}]},
            }
            for n, prompt in enumerate(prompts)
        ]
        (home / "logs" / name).write_text("".join(json.dumps(line) + "\n" for line in lines))

    return write


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return tmp_path_factory.mktemp("done") / "var"


@pytest.fixture
def ran(home, log, flywheel, done):
    """A folder where the day of ASKED was run; the first test that asks for it runs it."""
    log("a.jsonl", *ASKED)
    if done.exists():
        shutil.copytree(done, home / "var", dirs_exist_ok=True)
        return home
    assert flywheel("run", "--day", DAY).code == 0
    shutil.copytree(home / "var", done, ignore=shutil.ignore_patterns("prefect"))
    return home


@pytest.fixture
def served(teacher_url):
    """Return how many calls the teacher has answered since the test began."""

    def count():
        connection = http.client.HTTPConnection(urlsplit(teacher_url).netloc, timeout=10)
        connection.request("GET", "/stats")
        stats = json.loads(connection.getresponse().read())
        connection.close()
        return stats["served"] + stats["errors"]

    before = count()
    return lambda: count() - before


@pytest.fixture
def estimate(flywheel):
    """Return the JSON that an estimate prints, with its purposes by name."""

    def ask(*words):
        said = flywheel(*(words or ("run", "--day", DAY)), "--estimate", "--json")
        assert said.code == 0, said.err
        found = json.loads(said.out)
        return found | {row["purpose"]: row for row in found["purposes"]}

    return ask


def to_buy(found):
    return found["tag"]["to_buy"], found["answer"]["to_buy"]


def bought(purpose):
    calls = f"FROM llm_calls WHERE purpose = '{purpose}'"
    return store.select(load().warehouse, calls)


def everything():
    names = [*UNTOUCHED, "stage_runs WHERE stage <> 'pull'"]
    return [store.select(load().warehouse, f"FROM {name}").sort(pl.all()) for name in names]


def prompts(count):
    """Texts that no keyword knows."""
    things = ("lamp", "chair", "kettle", "bicycle", "window", "drawer", "tent")
    troubles = ("hums all night", "smells of burnt rubber", "has turned an ugly shade of green")
    return [f"Our {thing} {trouble}." for thing in things for trouble in troubles][:count]


def test_it_says_what_the_run_then_buys_and_sends_nothing(log, flywheel, estimate, served):
    log("a.jsonl", *ASKED, *prompts(20))
    flywheel("pull")
    before = everything()
    found = estimate()
    assert (served(), [rows.height for rows in everything()]) == (0, [0] * len(before))
    tag, answer = to_buy(found)
    assert 1 <= tag < 21  # they share calls
    assert (found["tag"]["prompts"], found["answer"]["prompts"], answer) == (21, 23, 23)
    assert flywheel("run", "--day", DAY).code == 0
    calls = bought("tag"), bought("answer")
    assert (calls[0].height, served()) == (tag, calls[0].height + calls[1].height)
    assert calls[1].height <= answer
    after = everything()
    again = estimate()
    assert to_buy(again) == (0, 0)
    assert (again["tag"]["prompts"], again["answer"]["prompts"]) == (0, 0)  # all is up to date
    assert all(a.equals(b) for a, b in zip(after, everything(), strict=True))


@pytest.mark.slow
def test_texts_without_twins_take_the_answers_it_says(log, flywheel, estimate):
    log("a.jsonl", *ASKED)
    found = estimate()
    assert found["prompts_not_deduped"] == 3
    assert flywheel("run", "--day", DAY).code == 0
    assert (bought("tag").height, bought("answer").height) == to_buy(found) == (1, 3)


@pytest.mark.slow
def test_one_new_prompt_beside_old_ones_is_one_call_of_each_kind(log, flywheel, estimate, served):
    log("a.jsonl", *prompts(20))
    assert flywheel("run", "--day", DAY).code == 0
    log("b.jsonl", ASKED[0])
    sent = served()
    found = estimate()
    assert to_buy(found) == (1, 1)
    assert (found["tag"]["prompts"], found["prompts_not_deduped"]) == (1, 1)
    assert flywheel("run", "--day", DAY).code == 0
    assert served() - sent == 2


@pytest.mark.slow
def test_a_text_that_comes_twice_counts_once_on_its_day_and_on_the_next(log, estimate):
    log("a.jsonl", ASKED[0], ASKED[0])
    alone = estimate()
    assert (to_buy(alone), alone["answer"]["prompts"]) == ((1, 1), 1)
    log("b.jsonl", ASKED[0], DRUMS, day="2026-05-02")
    both = estimate("backfill", "--from", DAY, "--to", "2026-05-02")
    assert both["days"] == [DAY, "2026-05-02"]
    assert to_buy(both) == (2, 2)
    assert (both["tag"]["cached"], both["answer"]["cached"]) == (0, 1)


@pytest.mark.slow
def test_a_twin_that_was_dropped_is_not_counted_again(log, flywheel, estimate):
    log("a.jsonl", ASKED[0], ASKED[0].replace("?", ""), *prompts(2))
    assert flywheel("run", "--day", DAY).code == 0
    dropped = "FROM unique_prompts WHERE drop_reason IS NOT NULL"
    assert store.select(load().warehouse, dropped).height
    assert to_buy(estimate("run", "--day", DAY, "--force")) == (0, 0)
    log("b.jsonl", DRUMS)
    assert to_buy(estimate()) == (1, 1)


@pytest.mark.slow
def test_restaging_counts_what_other_settings_would_buy(ran, flywheel, estimate, monkeypatch):
    same = estimate("run", "--day", DAY, "--restage", "answer")
    assert (to_buy(same), same["answer"]["cached"]) == ((0, 0), 3)
    monkeypatch.setenv("FLYWHEEL_ANSWER__TEMPERATURE", "0.11")
    assert estimate()["answer"]["prompts"] == 0  # settings reach no past day by themselves
    other = estimate("run", "--day", DAY, "--restage", "answer")
    assert (to_buy(other), other["answer"]["cached"]) == ((0, 3), 0)
    asked = flywheel("run", "--day", DAY, "--restage", "answer")
    assert asked.code == 1
    assert "the rows of answer anew for 1 days: 3 calls to buy (0.0" in asked.err


@pytest.mark.slow
def test_a_new_row_of_a_day_of_other_settings_counts_alone(log, flywheel, estimate, monkeypatch):
    """The rows worked out in memory are those in the store: they carry over."""
    log("a.jsonl", *prompts(6))
    assert flywheel("run", "--day", DAY).code == 0
    monkeypatch.setenv("FLYWHEEL_ANSWER__TEMPERATURE", "0.12")
    monkeypatch.setenv("FLYWHEEL_TAG__MAX_PROMPT_CHARS", "777")
    log("b.jsonl", "What is a good name for a grey cat?")
    found = estimate()
    assert (to_buy(found), found["answer"]["cached"]) == ((1, 1), 0)


def test_a_stricter_filter_is_thought_through_and_not_carried_out(ran, estimate, monkeypatch):
    before = everything()
    monkeypatch.setenv("FLYWHEEL_FILTER__MIN_CHARS", "30")
    found = estimate("run", "--day", DAY, "--force")
    assert (to_buy(found), found["answer"]["prompts"]) == ((0, 0), 2)
    assert all(a.equals(b) for a, b in zip(before, everything(), strict=True))


@pytest.mark.slow
def test_only_the_stages_of_a_backfill_count(log, estimate):
    log("a.jsonl", *ASKED)
    days = ("backfill", "--from", DAY, "--to", DAY)
    assert to_buy(estimate(*days, "--stages", "filter,tag")) == (1, 0)


@pytest.mark.slow
def test_it_names_the_cap_that_would_stop_the_run(log, flywheel):
    log("a.jsonl", *ASKED)
    said = flywheel("run", "--day", DAY, "--estimate", "--max-calls", "3")
    assert said.code == 0
    assert "caps.max_calls = 3 would stop it: 4 calls" in said.out
    assert "would stop" not in flywheel("run", "--day", DAY, "--estimate", "--max-calls", "4").out
    usd = flywheel("run", "--day", DAY, "--estimate", "--max-usd", "0.0001")
    assert "caps.max_usd = 0.0001 would stop it" in usd.out


def test_a_cap_of_the_day_counts_what_was_bought_today(ran, log, flywheel, monkeypatch):
    log("b.jsonl", prompts(1)[0])
    monkeypatch.setenv("FLYWHEEL_CAPS__MAX_CALLS_PER_DAY", "5")
    said = flywheel("run", "--day", DAY, "--estimate")
    assert "caps.max_calls_per_day = 5 would stop it: 2 calls after 4 of today" in said.out


def test_an_unknown_price_is_blank_and_says_what_to_set(log, home, flywheel, estimate):
    toml = (home / "flywheel.toml").read_text()
    (home / "flywheel.toml").write_text(
        toml.replace("input_usd_per_mtok = 2.0", "").replace("output_usd_per_mtok = 8.0", "")
    )
    log("a.jsonl", *ASKED)
    found = estimate("run", "--day", DAY, "--max-usd", "1")
    assert (found["answer"]["usd"], found["total"]["usd_at_most"]) == (None, None)
    assert (
        "price of model demo-scripted-teacher unknown, set llm.input_usd_per_mtok and "
        "llm.output_usd_per_mtok, 0 for a free one."
    ) in flywheel("run", "--day", DAY, "--estimate").out


@pytest.mark.slow
def test_answers_are_expected_to_be_as_long_as_those_bought(log, flywheel, estimate):
    log("a.jsonl", *ASKED)
    blind = estimate()["answer"]
    assert blind["answer_tokens"] == blind["answer_tokens_at_most"] == 3 * load().answer.max_tokens
    assert blind["usd"] == blind["usd_at_most"]
    assert flywheel("run", "--day", DAY).code == 0
    log("b.jsonl", prompts(1)[0])
    found = estimate()["answer"]
    assert found["answer_tokens"] == round(bought("answer")["answer_tokens"].mean())
    usd = (2 * found["prompt_tokens"] + 8 * found["answer_tokens"]) / 1e6
    assert found["usd"] == pytest.approx(usd)
    assert found["usd"] < found["usd_at_most"]


def test_replies_that_wait_in_a_journal_are_not_to_be_bought(ran, estimate, home):
    lines = [
        json.dumps({key: str(value) for key, value in row.items() if key != "error"})
        for row in bought("answer").to_dicts()
    ]
    with store.writing(load().warehouse) as con:
        store.delete_where(con, "llm_calls", purpose="answer")
    again = ("run", "--day", DAY, "--restage", "answer")
    assert to_buy(estimate(*again)) == (0, 3)
    (home / "var" / "journal" / "1-dead.0001.jsonl").write_text("\n".join(lines) + "\n")
    found = estimate(*again)
    assert (to_buy(found), found["answer"]["cached"]) == ((0, 0), 3)
    assert bought("answer").height == 0


def test_without_a_model_no_call_is_made_and_a_line_says_so(log, home, flywheel, estimate):
    toml = (home / "flywheel.toml").read_text()
    (home / "flywheel.toml").write_text(toml.replace('"demo-scripted-teacher"', '""'))
    log("a.jsonl", *ASKED)
    found = estimate()
    assert (to_buy(found), found["answer"]["prompts"]) == ((0, 0), 3)
    said = flywheel("run", "--estimate")
    assert said.code == 0
    assert "no strong model is set: tag makes no calls" in said.out


def test_mistakes_are_one_line(log, flywheel):
    said = flywheel("run", "--day", DAY, "--json")
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert "--json is for --estimate" in said.err
    log("a.jsonl", *ASKED)
    empty = flywheel("run", "--day", "2026-06-01", "--estimate")
    assert empty.code == 0
    assert f"there are chats from {DAY} to {DAY}" in empty.err


@pytest.mark.slow
def test_examples_and_endpoints_count_with_their_own_tokens_and_prices(
    log, home, flywheel, estimate
):
    log("a.jsonl", "Calculate 12 + 30.", "How do I remove a red wine stain from a white shirt?")
    plain = estimate()["answer"]
    example = {"kind": "maths/arithmetic", "prompt": "Calculate 3 + 4. " * 30, "answer": "7"}
    (home / "examples.jsonl").write_text(json.dumps(example))
    assert flywheel("pool", "add", "examples.jsonl").code == 0
    toml = (home / "flywheel.toml").read_text()
    toml = toml.replace("# kinds = {}", "").replace("# endpoints = {}", "")
    toml += "\n[answer.kinds.'maths/*']\nfew_shot = 1\nendpoint = 'small'\n"
    small = "[llm.endpoints.small]\nmodel = 'small-1'\n"
    price = "input_usd_per_mtok = 1_000_000\noutput_usd_per_mtok = 0\n"
    (home / "flywheel.toml").write_text(toml + small + price)
    found = estimate()["answer"]
    more = found["prompt_tokens"] - plain["prompt_tokens"]
    assert (found["to_buy"], more > 100) == (2, True)
    assert found["usd"] > more  # a dollar a token at that endpoint, examples included
    (home / "flywheel.toml").write_text(toml + small)
    said = flywheel("run", "--day", DAY, "--estimate").out
    assert "price of model small-1 unknown, set llm.endpoints.small.input_usd_per_mtok" in said
    assert estimate()["answer"]["usd"] is None
