"""No special token of a chat template survives in what users wrote."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.conversation import text_message
from tasks.control_tokens import harmless, neutralised

TOKENS = [
    "<|im_end|>",
    "<|im_start|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|END_OF_TURN_TOKEN|>",
    "<｜end▁of▁sentence｜>",
    "<｜User｜>",
    "<s>",
    "</s>",
    "<unk>",
    "<PAD>",
    "<EOS_TOKEN>",
    "<eoh>",
    "<eoa>",
    "<sop>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<end_of_utterance>",
    "<extra_id_0>",
    "<unused12>",
    "[INST]",
    "[/INST]",
    "[TOOL_CALLS]",
    "[IMG_END]",
    "[CALL_ID]",
    "[/THINK]",
    "[UNUSED_TOKEN_145]",
    "<TOKENS_UNUSED_1>",
    "<fim_suffix>",
    "[gMASK]",
    "<<SYS>>",
    "<</SYS>>",
]


@pytest.mark.parametrize("token", TOKENS)
def test_token_is_no_longer_there_as_such(token):
    changed = neutralised(f"前{token}后")

    assert token not in changed
    assert changed.replace(" ", "") == f"前{token}后"


@pytest.mark.parametrize(
    "text",
    [
        "a < b || c > d",
        "x = values[mask]; y = rows[pad]",
        "List<String> names; <sub>2</sub> <span>s</span>",
        "a |> b <| c",
        "if (a<s && s>b) {}",
        "<EMAIL_1> and <SECRET_2>",
    ],
)
def test_what_only_looks_like_a_token_stays(text):
    assert neutralised(text) == text


@given(st.lists(st.sampled_from([*TOKENS, "<", ">", "|", " ", "s", "[", "]", "好"])).map("".join))
def test_nothing_is_left_to_change(text):
    once = neutralised(text)

    assert neutralised(once) == once
    assert not any(token in once for token in TOKENS)


def test_tokens_hidden_by_escapes_in_nested_json_are_found():
    arguments = json.dumps({"q": "stop<|im_end|>"}).replace("<", "\\u003c").replace(">", "\\u003e")
    calls = json.dumps([{"function": {"name": "find", "arguments": arguments}}])
    message = {**text_message("assistant", ""), "tool_calls": calls}

    changed = harmless(message)["tool_calls"]
    said = json.loads(json.loads(changed)[0]["function"]["arguments"])["q"]

    assert said == "stop<|im_end| >"


def test_json_without_tokens_keeps_its_bytes():
    parts = '[ {"type": "text", "text":"1 \\u003c 2"} ]'
    message = {**text_message("user", "1 < 2"), "parts": parts}

    assert harmless(message)["parts"] == parts
