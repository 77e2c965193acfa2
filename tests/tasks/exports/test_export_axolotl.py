"""axolotl's chat_template type reads the messages and OpenAI's lines with what the card says.

Its own code is asked where it is installed; elsewhere the options of its schema (release 0.19) and
what its chat_template strategy asks of a row.
"""

import json
import re

import pytest
import yaml

ROLES = {"system", "user", "assistant", "tool"}
OPTIONS = {"path", "type", "field_messages", "message_field_training", "roles_to_train"}
FORMATS = ("messages", "openai")


def said_in_card(out):
    """The block of the card that a person copies into a config."""
    blocks = re.findall(r"```yaml\n(.+?)```", (out / "README.md").read_text("utf-8"), re.S)
    [found] = [yaml.safe_load(block)["datasets"] for block in blocks]
    return found[0]


def rows_of(out):
    [path] = (out / "train").iterdir()
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


@pytest.mark.parametrize("format", FORMATS)
def test_the_card_names_options_of_its_schema_and_a_column_of_messages(written, format):
    out, _ = written(format)
    options = said_in_card(out)
    assert set(options) <= OPTIONS
    assert options["type"] == "chat_template"
    for row in rows_of(out):
        said = row[options["field_messages"]]
        assert {one["role"] for one in said} <= ROLES
        assert all(one.get("content") or one.get("tool_calls") for one in said)


def test_openai_marks_the_turn_to_learn_by_the_field_that_the_card_names(written):
    out, _ = written("openai")
    field = said_in_card(out)["message_field_training"]
    for row in rows_of(out):
        marks = [one[field] for one in row["messages"] if one["role"] == "assistant"]
        assert marks == [0] * (len(marks) - 1) + [1]


@pytest.mark.parametrize("format", FORMATS)
def test_its_own_strategy_learns_the_answer(written, format, base, tmp_path):
    found = pytest.importorskip(
        "axolotl.prompt_strategies.chat_template", reason="not run: no axolotl"
    )
    from axolotl.utils.schemas.datasets import SFTDataset
    from datasets import load_dataset
    from transformers import AutoTokenizer

    out, _ = written(format)
    options = SFTDataset(**said_in_card(out))
    tokenizer = AutoTokenizer.from_pretrained(base)
    field = options.message_field_training
    prompter = found.ChatTemplatePrompter(
        tokenizer, tokenizer.chat_template, message_field_training=field
    )
    strategy = found.ChatTemplateStrategy(
        prompter, tokenizer, False, 4096, roles_to_train=options.roles_to_train, train_on_eos="turn"
    )
    rows = load_dataset(str(out), split="train", cache_dir=str(tmp_path / "cache"))
    [row] = [row for row in rows if row["messages"][-1]["content"] == "So much for called."]
    read = strategy.tokenize_prompt(row)
    learned = tokenizer.decode([label for label in read["labels"] if label >= 0])
    assert "So much for called." in learned
    assert ("It is noon." in learned) == (format == "messages")
    assert '"name": "clock"' in tokenizer.decode(read["input_ids"])
