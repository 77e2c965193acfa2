"""Every record of the real files is read, or has the reason that is expected of it."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from schemas.conversation import Conversation, Unreadable
from tasks.sources import format_of, read_record, split_record
from tasks.sources.records import read_records
from tasks.sources.streams import open_log

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="not run: no ../shared/data")


def records(name):
    """Yield the records of a file, also of a table, and the parts of those that hold several."""
    if ".csv" in name:
        with open_log(DATA / name) as stream:
            rows = csv.DictReader(io.TextIOWrapper(stream, "utf-8", newline=""))
            yield from list(rows)
        return
    for record in read_records(DATA / name, max_bytes=4_000_000):
        value = record.value
        yield from [value] if isinstance(value, Unreadable) else split_record(value)


def read(name, format="auto"):
    for record in records(name):
        try:
            yield record if isinstance(record, Unreadable) else read_record(record, format)
        except Unreadable as error:
            yield error


def counts(name):
    kinds = {Conversation: "chat", list: "votes"}
    return Counter(kinds.get(type(item)) or item.reason for item in read(name))


def slow(*case):
    return pytest.param(*case, marks=pytest.mark.slow)


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
        slow("gsm8k_train_alpaca/gsm_8k_train.json.zst", {"chat": 7_473}),
        ("self_instruct/seed_tasks.jsonl", {"chat": 175}),
        ("self_instruct/user_oriented_instructions.jsonl", {"chat": 252}),
        ("torchtune_tiny/alpaca_tiny.json", {"chat": 100}),
        ("torchtune_tiny/chat_tiny.json", {"chat": 1}),
        ("torchtune_tiny/instruct_tiny.json", {"chat": 2}),
        # two whole chats side by side: the chosen one is the chat
        ("torchtune_tiny/hh_rlhf_tiny.json", {"chat": 1}),
        # one row has no user turn, and says so
        (
            "logs_misc_fixtures/openai_toy_chat_fine_tuning_reconstructed.jsonl",
            {"chat": 4, "no_user_turn": 1},
        ),
        ("logs_misc_fixtures/litellm_standard_logging_payload.json", {"chat": 1}),
        # its `messages` is "{}": LiteLLM was not told to store prompts
        ("logs_misc_fixtures/litellm_spend_logs_payload.json", {"prompts_not_logged": 1}),
        ("logs_misc_fixtures/openwebui_export.json", {"chat": 3}),
        ("oasst_en/en_100_tree.jsonl.zst", {"chat": 359}),
        # one message per record, linked by parent: a tree that cannot be joined line by line
        ("oasst_en/realistic_seed_data.json", {"unknown_format": 444}),
        ("oasst_en/prompt_lottery_en_250_text.jsonl", {"not_an_object": 250}),
        ("prompts_chat/prompts_2023-06-24.csv", {"chat": 164}),
        ("prompts_chat/prompts_2025-06-09.csv", {"chat": 218}),
        ("prompts_chat/prompts_2026-01-15.csv.zst", {"chat": 1_013}),
        ("prompts_zh/prompts-zh.json", {"chat": 124}),
        ("prompts_zh/prompts-zh-TW.json", {"chat": 124}),
        ("belle/zh_seed_tasks.json", {"chat": 175}),
        slow("korean_chatbot/ChatbotData.csv.zst", {"chat": 11_823}),
        ("arena_hard/v0.1_question.jsonl.zst", {"chat": 500}),
        ("arena_hard/v0.1_answer_gpt-4-0314.jsonl.zst", {"chat": 500}),
        ("mt_bench/question.jsonl", {"chat": 80}),
        ("mt_bench/vicuna_question.jsonl", {"chat": 80}),
        ("mt_bench/mt_bench_zh_question.jsonl", {"chat": 80}),
        # answers, without the questions
        ("mt_bench/reference_gpt-4.jsonl", {"no_messages": 30}),
        # texts of a web page, of a bank's customers, with spans: `text` alone is no prompt
        ("datajuicer_demo/demo-dataset-deduplication.jsonl", {"unknown_format": 14}),
        slow("banking77/train.csv.zst", {"unknown_format": 10_003}),
        ("pii_presidio/generated_small.json", {"unknown_format": 100}),
        # no records: one object of lists, or lists of names
        ("banking77/categories.json", {"not_an_object": 77}),
        ("clinc150/data_full.json.zst", {"unknown_format": 1}),
        ("clinc150/domains.json", {"unknown_format": 1}),
        ("cdial_toy/toy_data.json.zst", {"unknown_format": 1}),
        ("llamafactory_demo/dataset_info.json", {"unknown_format": 1}),
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


def test_every_user_turn_of_an_oasst_tree_is_in_a_chat():
    def prompts(node):
        mine = [node["message_id"]] if node["role"] == "prompter" else []
        return mine + [each for reply in node["replies"] for each in prompts(reply)]

    name = "oasst_en/en_100_tree.jsonl.zst"
    trees = [record.value for record in read_records(DATA / name, max_bytes=4_000_000)]
    asked = {each for tree in trees for each in prompts(tree["prompt"])}
    paths = [node for record in records(name) for node in record["path"]]
    assert asked == {node["message_id"] for node in paths if node["role"] == "prompter"}
    assert len(asked) == 480


def test_prompts_chat_is_keyed_by_its_act():
    acts = {}
    for date in ("2023-06-24.csv", "2025-06-09.csv", "2026-01-15.csv.zst"):
        chats = list(read(f"prompts_chat/prompts_{date}"))
        acts[date[:4]] = {chat.source_id for chat in chats}
    assert {year: len(names) for year, names in acts.items()} == {
        **{"2023": 163, "2025": 214},
        "2026": 1_003,
    }


def test_a_table_of_texts_is_read_as_prompts_when_it_is_said_to_hold_them():
    assert all(isinstance(chat, Conversation) for chat in read("banking77/train.csv.zst", "prompt"))


def test_the_turns_of_a_benchmark_are_turns_of_the_user():
    roles = [[m["role"] for m in chat.messages] for chat in read("mt_bench/question.jsonl")]
    assert roles == [["user", "user"]] * 80


def test_a_korean_pair_is_a_question_and_its_answer():
    roles = [
        [m["role"] for m in chat.messages] for chat in read("korean_chatbot/ChatbotData.csv.zst")
    ]
    assert roles == [["user", "assistant"]] * 11_823


def test_open_webui_replies_are_taken_apart():
    reasoning, tools, simple = read("logs_misc_fixtures/openwebui_export.json")
    assert [m["role"] for m in tools.messages] == ["user", "assistant", "tool", "assistant"]
    assert json.loads(tools.messages[1]["tool_calls"])[0]["id"] == tools.messages[2]["tool_call_id"]
    kinds = [part["type"] for part in json.loads(reasoning.messages[1]["parts"])]
    assert kinds == ["reasoning", "output_text"]
    assert "<details" not in repr([reasoning, tools, simple])
    assert simple.messages[1]["parts"] is None


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("logs_misc_fixtures/litellm_spend_logs_payload.json", "litellm"),
        ("logs_misc_fixtures/litellm_standard_logging_payload.json", "litellm"),
        ("logs_misc_fixtures/openwebui_export.json", "openwebui"),
        ("oasst_en/en_100_tree.jsonl.zst", "oasst"),
        ("oasst_zh/oaast_sft_zh.json.zst", "alpaca"),
        ("llamafactory_demo/kto_en_demo.json.zst", "messages"),
        ("prompts_chat/prompts_2025-06-09.csv", "prompt"),
        ("arena_hard/v0.1_answer_gpt-4-0314.jsonl.zst", "messages"),
    ],
)
def test_a_file_is_of_one_format(name, format):
    assert {format_of(record) for record in records(name)} == {format}


def test_the_labels_of_a_kto_file_are_votes():
    votes = [
        vote.value for chat in read("llamafactory_demo/kto_en_demo.json.zst") for vote in chat.votes
    ]
    assert Counter(votes) == {1.0: 150, 0.0: 150}
