from datetime import date, datetime, timedelta

import pytest

from schemas import contracts
from schemas.batch import Batch
from schemas.conversation import text_message
from schemas.errors import Refused
from schemas.run import Run
from schemas.settings import TagSettings
from schemas.stages import BY_NAME
from schemas.task_types import UNKNOWN, load
from tasks import ledger
from tasks.adapters import store
from tasks.fingerprint import settings_hash
from tasks.tag import tag
from tasks.tagging import model_file
from tasks.tagging.lessons import tag_lessons
from tasks.tagging.local import folder_of, local_tagger
from tasks.tagging.training import train_tagger

DAY = date(2026, 3, 2)
ASKED = {
    "code/debug": "Oslo stack of {} fell over somewhere",
    "writing/poem": "verses on {} and the moonlit bay",
    "chat/advice": "my sister and {}, what now",
}
NOUNS = (
    "cats",
    "rivers",
    "lamps",
    "my car",
    "doors",
    "streets",
    "tea",
    "old maps",
    "the gym",
    "ice",
)


@pytest.fixture
def stored():
    """Write days of prompts and what the strong model said of them: stored(cfg, {text: label})."""

    def write(cfg, labels, day=DAY, tagger="model"):
        prompts = [_prompt(n, text, day) for n, text in enumerate(labels)]
        tags = [_tag(n, label, day, tagger) for n, label in enumerate(labels.values())]
        with store.writing(cfg.warehouse) as con:
            store.replace(con, "prompts", day, contracts.frame("prompts", prompts))
            store.replace(con, "tagged_prompts", day, contracts.frame("tagged_prompts", tags))

    return write


def _prompt(n, text, day):
    return {
        "day": day,
        "prompt_id": f"{day}-{n}",
        "chat_id": f"{day}-{n}",
        "turn": 0,
        "started_at": datetime.combine(day, datetime.min.time()) + timedelta(seconds=n),
        "user_key": None,
        "language": "en",
        "messages": [text_message("user", text)],
        "prompt": text,
        "traits": [],
        "origin": "log",
        "rule_hits": [],
        "drop_reason": None,
        "input_hash": n,
    }


def _tag(n, label, day, tagger):
    area, kind = label.split("/")
    return {
        "day": day,
        "prompt_id": f"{day}-{n}",
        "area": area,
        "kind": kind,
        "confidence": 1.0,
        "tagger": tagger,
        "taxonomy_version": 1,
        "reason": None,
        "tag_key": None,
        "call_key": None,
        "input_hash": n,
    }


def asked(count, start=0):
    forms = list(ASKED.items())
    return {
        forms[n % 3][1].format(f"{NOUNS[n % 10]} no. {n}"): forms[n % 3][0]
        for n in range(start, start + count)
    }


@pytest.fixture
def list_of(tmp_path):
    """Write a list of task types with these kinds, which also makes training quick."""

    def write(*labels, aliases=""):
        path = tmp_path / "task_types.toml"
        kinds = "".join(
            f'[kinds.{label.replace("/", ".")}]\ndescription = "{label}."\n'
            f'answer_style = "long"\nexamples = ["{label}?"]\n'
            for label in labels
        )
        path.write_text(f"version = 1\n[aliases]\n{aliases}\n{kinds}")
        return path

    return write


@pytest.fixture
def eager(cfg, list_of):
    """Settings under which a hundred tags will do, with the kinds of ASKED."""
    few = {"tag": TagSettings(min_tags=100), "task_types": list_of(*ASKED)}
    return cfg.model_copy(update=few)


@pytest.fixture
def types(eager):
    return load(eager.task_types)


def test_too_few_tags_are_refused_with_how_many_there_are(eager, stored):
    stored(eager, asked(99))
    with pytest.raises(Refused, match=r"has 99 different prompts .* wants 100 \(tag\.min_tags\)"):
        train_tagger(eager)
    assert not folder_of(eager).exists()


def test_repeats_and_other_taggers_are_no_tags(eager, stored):
    stored(eager, asked(90))
    stored(eager, asked(90), date(2026, 3, 3))
    stored(eager, asked(50, 100), date(2026, 3, 4), tagger="classifier")
    with pytest.raises(Refused, match="has 90 different prompts"):
        train_tagger(eager)


def test_the_newest_tag_of_a_text_is_learned(eager, stored, types):
    text = "zq 4711 xw"
    stored(eager, asked(60) | {text: "code/debug"})
    stored(eager, asked(60, 60) | {text: "writing/poem"}, date(2026, 3, 3))
    (lesson,) = [each for each in tag_lessons(eager.warehouse, types) if each.prompt == text]
    assert lesson.label == "writing/poem"


def test_training_says_how_good_it_is_on_tags_it_has_not_seen(eager, stored):
    stored(eager, asked(200))
    summary = train_tagger(eager).summary()
    assert (summary["tags"], summary["held_out"]) == (200, 200)
    assert summary["macro_f1_kind"] > 0.9 > summary["macro_f1_kind_before"]
    assert summary["threshold"] is not None
    assert summary["share_spared"] > 0.8


def test_the_next_run_uses_it_and_makes_fewer_calls(eager, stored, types):
    stored(eager, asked(200))
    train_tagger(eager)
    local = local_tagger(types, eager)
    guesses = local.guess(list(asked(30, 500)))
    assert sum(local.is_sure(guess) for guess in guesses) > 20
    right = [
        guess.label == label for guess, label in zip(guesses, asked(30, 500).values(), strict=True)
    ]
    assert sum(right) >= 28


def test_tags_of_a_renamed_label_are_learned_under_the_new_one(eager, stored, list_of):
    stored(eager, {text: label.replace("code/", "old/") for text, label in asked(150).items()})
    assert train_tagger(eager).classifier.about["tags"] == 100
    list_of(*ASKED, aliases='"old/debug" = "code/debug"')
    renamed = train_tagger(eager).classifier
    assert renamed.about["tags"] == 150
    assert set(renamed.model.labels) == set(ASKED)


def test_what_fits_nowhere_is_learned_and_never_sure(eager, stored, types):
    noise = {f"zq {n * 7919} xw": UNKNOWN for n in range(60)}
    stored(eager, asked(150) | noise)
    train_tagger(eager)
    local = local_tagger(types, eager)
    (guess,) = local.guess(["zq 4711 xw"])
    assert (guess.label, guess.tagger) == (UNKNOWN, "none")
    assert not local.is_sure(guess)


def test_the_same_tags_make_the_same_file(eager, stored):
    stored(eager, asked(120))
    train_tagger(eager)
    once = (folder_of(eager) / model_file.NAME).read_bytes()
    train_tagger(eager)
    assert (folder_of(eager) / model_file.NAME).read_bytes() == once


def test_a_new_classifier_shows_as_changed_settings_and_leaves_past_days_alone(eager, stored):
    stored(eager, asked(120))
    batch = Batch(warehouse=eager.warehouse, table="prompts", day=DAY, rows=120)
    tag.fn(batch, Run(cfg=eager))
    rows = store.select(eager.warehouse, "FROM tagged_prompts ORDER BY ALL")
    stored(eager, asked(120), date(2026, 3, 3))
    before = settings_hash(BY_NAME["tag"], eager)
    train_tagger(eager)
    assert settings_hash(BY_NAME["tag"], eager) != before
    last = ledger.last_run(ledger.runs(eager.warehouse, DAY), BY_NAME["tag"])
    assert ledger.settings_changed(last, BY_NAME["tag"], Run(cfg=eager)) == "settings changed"
    tag.fn(batch, Run(cfg=eager))
    of_day = store.select(
        eager.warehouse, "FROM tagged_prompts WHERE day = $day ORDER BY ALL", day=DAY
    )
    assert of_day.equals(rows)
