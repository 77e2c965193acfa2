"""TRL's SFTTrainer prepares every export for it, with the loss where it belongs."""

import pytest

pytest.importorskip("trl", reason="not run: no trl")
datasets = pytest.importorskip("datasets", reason="not run: no datasets")


@pytest.fixture
def prepared(base, tmp_path, written):
    """What SFTTrainer makes of an export: prepared("messages") -> texts and labels of each row."""
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    def prepare(format, **options):
        out, _ = written(format, **options)
        rows = datasets.load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
        tokenizer = AutoTokenizer.from_pretrained(base)
        trainer = SFTTrainer(
            AutoModelForCausalLM.from_pretrained(base),
            SFTConfig(
                str(tmp_path / "run"),
                max_length=None,
                use_cpu=True,
                report_to="none",
                bf16=False,
                gradient_checkpointing=None,
            ),
            train_dataset=rows["train"],
            processing_class=tokenizer,
        )
        for one in trainer.train_dataset:
            learned = [label for label in one["labels"] if label >= 0]
            yield tokenizer.decode(one["input_ids"]), tokenizer.decode(learned)

    return prepare


@pytest.mark.parametrize("parquet", [False, True], ids=["lines", "parquet"])
def test_prompt_completion_learns_the_answer_alone_and_sees_the_tools(prepared, parquet):
    rows = list(prepared("prompt-completion", parquet=parquet))
    assert len(rows) > 19
    [(text, learned)] = [row for row in rows if "So much for called" in row[0]]
    assert "noon" in text
    assert '"name": "clock"' in text
    assert '"arguments": {"zone": ' in text
    assert learned.strip().startswith("So much for called.")


def test_messages_are_a_text_each(prepared):
    rows = list(prepared("messages"))
    assert any("Be brief." in text and "So much for system." in text for text, _ in rows)
