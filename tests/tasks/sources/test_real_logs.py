"""Every record of the real files is read, or has the reason that is expected of it."""

from collections import Counter
from pathlib import Path

import pytest

from schemas.conversation import Conversation, Unreadable
from tasks.sources import read_record
from tasks.sources.records import read_records

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="not run: no ../shared/data")


def read(name):
    for record in read_records(DATA / name, max_bytes=4_000_000):
        if isinstance(record.value, Unreadable):
            yield record.value
            continue
        try:
            yield read_record(record.value)
        except Unreadable as error:
            yield error


def counts(name):
    kinds = {Conversation: "chat", list: "votes"}
    return Counter(kinds.get(type(item)) or item.reason for item in read(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("logs_tensorzero_dev/chat_inference.dev.jsonl.zst", {"chat": 546}),
        ("logs_tensorzero_dev/boolean_metric_feedback.dev.jsonl.zst", {"votes": 732}),
        ("logs_tensorzero_dev/float_metric_feedback.dev.jsonl.zst", {"votes": 423}),
        ("logs_tensorzero_dev/demonstration_feedback.dev.jsonl.zst", {"votes": 182}),
        ("oasst_zh/oaast_sft_zh.json.zst", {"chat": 689}),
        ("oasst_zh/oaast_rm_zh.json.zst", {"chat": 775}),
        ("fastchat_dummy/dummy_conversation.json", {"chat": 500}),
        ("llamafactory_demo/alpaca_en_demo.json.zst", {"chat": 999}),
        ("llamafactory_demo/alpaca_zh_demo.json.zst", {"chat": 1_000}),
        ("llamafactory_demo/identity.json", {"chat": 91}),
        ("llamafactory_demo/dpo_zh_demo.json.zst", {"chat": 300}),
        ("llamafactory_demo/kto_en_demo.json.zst", {"chat": 300}),
        ("llamafactory_demo/glaive_toolcall_en_demo.json.zst", {"chat": 300}),
        ("llamafactory_demo/glaive_toolcall_zh_demo.json.zst", {"chat": 300}),
        ("llamafactory_demo/reason_tool_use_demo_50.jsonl", {"chat": 50}),
        ("llamafactory_demo/v1_sft_demo.jsonl.zst", {"chat": 500}),
        ("gsm8k_train_alpaca/gsm_8k_train.json.zst", {"chat": 7_473}),
        ("self_instruct/seed_tasks.jsonl", {"chat": 175}),
        ("self_instruct/user_oriented_instructions.jsonl", {"chat": 252}),
        ("torchtune_tiny/alpaca_tiny.json", {"chat": 100}),
        ("torchtune_tiny/chat_tiny.json", {"chat": 1}),
        ("torchtune_tiny/instruct_tiny.json", {"chat": 2}),
        # two whole chats side by side, chosen and rejected: a pair, not a log
        ("torchtune_tiny/hh_rlhf_tiny.json", {"unknown_format": 1}),
        # one row has no user turn, and says so
        (
            "logs_misc_fixtures/openai_toy_chat_fine_tuning_reconstructed.jsonl",
            {"chat": 4, "no_user_turn": 1},
        ),
        ("logs_misc_fixtures/litellm_standard_logging_payload.json", {"chat": 1}),
        # its `messages` is "{}": LiteLLM was not told to store prompts
        ("logs_misc_fixtures/litellm_spend_logs_payload.json", {"prompts_not_logged": 1}),
        # one message per record, linked by parent: a tree, not a format read so far
        ("oasst_en/realistic_seed_data.json", {"unknown_format": 444}),
        ("oasst_en/prompt_lottery_en_250_text.jsonl", {"not_an_object": 250}),
    ],
)
def test_every_record_is_read_or_has_its_reason(name, expected):
    assert counts(name) == expected


def test_tensorzero_inferences_are_versions_of_266_conversations():
    read_all = list(read("logs_tensorzero_dev/chat_inference.dev.jsonl.zst"))
    starts = {item.source_id: {item.started_at} for item in read_all}
    for item in read_all:
        starts[item.source_id].add(item.started_at)
    assert len(starts) == 266
    assert all(len(times) == 1 and None not in times for times in starts.values())


def test_half_of_the_boolean_votes_name_an_inference_or_episode_of_the_file():
    chats = list(read("logs_tensorzero_dev/chat_inference.dev.jsonl.zst"))
    names = {name for chat in chats for name in (chat.record_ref, chat.session_id)}
    votes = [
        vote
        for votes in read("logs_tensorzero_dev/boolean_metric_feedback.dev.jsonl.zst")
        for vote in votes
    ]
    assert sum(vote.target_id not in names for vote in votes) == 366


def test_oasst_history_becomes_earlier_turns():
    turns = Counter(len(chat.messages) for chat in read("oasst_zh/oaast_sft_zh.json.zst"))
    assert turns == {2: 299, 4: 331, 6: 59}


def test_llamafactory_tool_calls_survive():
    chats = list(read("llamafactory_demo/glaive_toolcall_en_demo.json.zst"))
    messages = [message for chat in chats for message in chat.messages]
    assert sum(message["tool_calls"] is not None for message in messages) == 211
    assert sum(message["role"] == "tool" for message in messages) == 211
