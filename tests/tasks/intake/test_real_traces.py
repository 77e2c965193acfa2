"""What tracing platforms really exported, pulled into a store from beginning to end."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
BOOLEAN = ("exact_match", "haiku_score", "solved", "topic_starts_with_f")
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="not run: no ../shared/data")


def is_boolean(kind):
    return kind.rpartition("::")[2].removesuffix("_episode") in BOOLEAN


def pulled(logs, folder, pattern):
    for file in (DATA / folder).glob(pattern):
        shutil.copy(file, logs.folder)
    logs.pull()
    return logs


def test_every_record_of_tensorzero_is_a_chat_or_a_vote_that_finds_one_or_dangles(logs):
    pulled(logs, "logs_tensorzero_dev", "*.zst")
    assert logs.outcomes() == {"chat": 546, "vote": 732 + 423 + 182, "quarantine": 0}
    assert len(logs.table("chats")) == 266
    votes = logs.table("votes")
    assert len(votes) == 732 + 423 + 182
    shown = [vote for vote in votes if vote["kind"] == "demonstration"]
    assert len(shown) == 182
    assert all(vote["comment"] and vote["value"] is None for vote in shown)
    statuses = Counter(vote["status"] for vote in votes if is_boolean(vote["kind"]))
    assert sum(statuses.values()) == 732
    assert statuses["dangling"] == 366


def test_traces_of_langfuse_are_chats_and_their_scores_votes(logs):
    """Two traces of one session begin alike: they are versions of one chat."""
    pulled(logs, "logs_langfuse_traces", "*.trace.json*")
    assert logs.outcomes() == {"chat": 5, "vote": 0, "quarantine": 0}
    assert len(logs.table("chats")) == 4
    kinds = Counter((vote["kind"], vote["status"]) for vote in logs.table("votes"))
    assert kinds == {
        ("toxicity", "joined"): 2,
        ("hallucination", "joined"): 2,
        ("edit", "joined"): 1,
    }
