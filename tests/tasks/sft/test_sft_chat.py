"""Chats as templates want them: tool calls, tools on offer, and ChatML for who has no template."""

import json

import pytest

from tasks.sft.chat import as_rendered, for_template

CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
ASK = {"role": "user", "content": "1 + 1?"}
CALLING = {"role": "assistant", "content": "", "tool_calls": json.dumps([CALL])}
TOLD = {"role": "tool", "content": "2", "tool_call_id": "c1"}
ADD = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
TURNS = "{% for m in messages %}{{ m.content }}{% for c in m.tool_calls or [] %}"
ENDS = "{% endfor %}<|end|>{% endfor %}"


class Renderer:
    """What stands in for a tokenizer: only its template is looked at."""

    def __init__(self, call):
        self.chat_template = TURNS + call + ENDS

    def apply_chat_template(self, messages, tokenize):
        from jinja2 import StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        env = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
        env.filters["fromjson"] = json.loads
        return env.from_string(self.chat_template).render(
            messages=[{"tool_calls": None, **message} for message in messages]
        )


def arguments(messages):
    return messages[1]["tool_calls"][0]["function"]["arguments"]


def test_calls_are_read_and_their_arguments_become_objects():
    assert for_template([ASK, CALLING, TOLD])[1]["tool_calls"] == [
        {**CALL, "function": {"name": "add", "arguments": {"a": 1}}}
    ]


@pytest.mark.parametrize("odd", ["{broken", "[1]", '"text"', 7, None])
def test_arguments_that_hold_no_object_stay_as_they_are(odd):
    call = {"function": {"name": "add", "arguments": odd}}
    given = for_template([ASK, {**CALLING, "tool_calls": json.dumps([call, "odd"])}])
    assert given[1]["tool_calls"] == [call, "odd"]


@pytest.mark.parametrize(
    "call",
    [
        "{{ c.function.arguments | tojson }}",
        "{% for k, v in c.function.arguments.items() %}<{{ k }}>{{ v }}</{{ k }}>{% endfor %}",
        "{{ c.function | tojson }}",
    ],
)
def test_a_template_that_renders_objects_gets_objects(call):
    messages = for_template([ASK, CALLING])
    assert arguments(as_rendered(Renderer(call), messages)) == {"a": 1}


@pytest.mark.parametrize(
    "call",
    [
        "{{ c.function.arguments }}",
        "{{ '<call>' + c.function.arguments }}",
        "{{ (c.function.arguments | fromjson).k }}",
    ],
)
def test_a_template_that_renders_text_gets_text(call):
    messages = for_template([ASK, CALLING])
    assert arguments(as_rendered(Renderer(call), messages)) == '{"a": 1}'
    assert arguments(messages) == {"a": 1}


def test_chats_without_calls_are_not_looked_into():
    messages = for_template([ASK])
    assert as_rendered(None, messages) is messages


@pytest.mark.parametrize(
    ("turns", "content"),
    [
        ("{{ m.role + m.content }}", ""),
        ("{% if m.content is defined %}{{ m.content }}{% else %}only a call{% endif %}", None),
    ],
)
def test_a_call_without_content_has_one_only_where_the_template_raises_without(turns, content):
    renderer = Renderer("{{ c.function.arguments }}")
    renderer.chat_template = renderer.chat_template.replace("{{ m.content }}", turns)
    call = {**CALLING, "content": None}
    messages = as_rendered(renderer, for_template([ASK, call, {**TOLD, "content": None}]))
    assert [said.get("content") for said in messages] == [ASK["content"], content, None]


@pytest.fixture
def bare(tmp_path, loaded):
    """Save the base model without its chat template; return its folder."""
    tokenizer, model = loaded
    tokenizer.chat_template = None
    tokenizer.save_pretrained(tmp_path)
    model.save_pretrained(tmp_path)
    return str(tmp_path)


@pytest.fixture
def chatml(bare):
    from tasks.sft.load import tokenizer_of

    return tokenizer_of(bare)


def rendered(tokenizer, messages, **options):
    return tokenizer.apply_chat_template(for_template(messages), tokenize=False, **options)


def test_a_base_without_a_template_gets_chatml(chatml):
    answer = {"role": "assistant", "content": "2"}
    assert rendered(chatml, [ASK, answer]) == (
        "<|im_start|>user\n1 + 1?<|im_end|>\n<|im_start|>assistant\n2<|im_end|>\n"
    )
    assert rendered(chatml, [ASK], add_generation_prompt=True).endswith("<|im_start|>assistant\n")
    assert chatml("<|im_end|>")["input_ids"] == [chatml.eos_token_id]


def test_chatml_tells_of_tools_and_renders_calls(chatml):
    system = {"role": "system", "content": "Be kind."}
    said = rendered(chatml, [system, ASK, CALLING, TOLD], tools=[ADD])
    assert said.startswith("<|im_start|>system\nBe kind.\n\n# Tools\n")
    assert json.loads(said.split("<tools>\n")[1].split("\n</tools>")[0]) == ADD
    call = said.split("</tools>")[1].split("<tool_call>\n")[1].split("\n</tool_call>")[0]
    assert json.loads(call) == {"name": "add", "arguments": {"a": 1}}
    assert said.count("Be kind.") == 1
    assert said.endswith("<|im_start|>tool\n2<|im_end|>\n")


def test_chatml_begins_with_the_token_that_all_texts_begin_with(loaded):
    from tokenizers.processors import TemplateProcessing

    from tasks.sft import chatml

    tokenizer, _ = loaded
    tokenizer.bos_token = "<|system|>"
    bos = ("<|system|>", tokenizer.bos_token_id)
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|system|> $A", special_tokens=[bos]
    )
    chatml.set_up(tokenizer)
    assert rendered(tokenizer, [ASK]).startswith("<|system|><|im_start|>user\n")


def test_a_model_of_chatml_ends_with_it_wherever_it_is_asked(bare, tmp_path):
    import torch

    from tasks.sft.load import tokenizer_of, weights_of
    from tasks.sft.tokens import agree

    tokenizer, model = tokenizer_of(bare), weights_of(bare, torch.float32)
    old = model.generation_config.eos_token_id
    rows = model.get_input_embeddings().weight.detach().clone()
    assert agree(tokenizer, model).stop == "<|im_end|>"
    new = tokenizer.convert_tokens_to_ids("<|im_end|>")
    grown = model.get_input_embeddings().weight
    assert model.generation_config.eos_token_id == [new, old]
    assert model.config.eos_token_id == tokenizer.eos_token_id == new
    assert grown[new].equal(rows[old]), "it begins as the end of text that the model knows"
    assert len(grown) == model.config.vocab_size >= len(tokenizer)


def test_tools_and_history_are_in_the_prompt_and_only_the_last_turn_carries_loss(chatml, tmp_path):
    from tasks.sft.rows import encode, read_rows

    row = {"prompt": [ASK, CALLING, TOLD], "completion": [{"role": "assistant", "content": "Two."}]}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({**row, "tools": [ADD], "task_type": "math/sum"}))
    [read] = read_rows(path)
    encoded = encode(chatml, read)
    prompt = chatml.decode(encoded.ids[: encoded.prompt_tokens])
    assert '"name": "add", "parameters"' in prompt
    assert '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>' in prompt
    assert chatml.decode(encoded.ids[encoded.prompt_tokens :]) == "Two.<|im_end|>\n"
    assert (encoded.label_tokens, read.task_type) == (
        encoded.tokens - encoded.prompt_tokens,
        "math/sum",
    )


def test_an_answer_that_only_calls_a_tool_is_learned(chatml, tmp_path):
    from tasks.sft.rows import keep, read_rows

    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"prompt": [ASK], "completion": [CALLING], "tools": [ADD]}))
    [(_, encoded)], dropped = keep(chatml, read_rows(path), 500)
    assert dropped == ()
    assert "<tool_call>" in chatml.decode(encoded.ids[encoded.prompt_tokens :])
