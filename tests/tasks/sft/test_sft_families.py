"""Any base model: six families and the kinds of tokenizers they come with, tiny and random."""

import pytest

from schemas.errors import StopTokenUnclear

pytest.importorskip("torch", reason="not run: no torch")

FAMILIES = ("llama", "qwen2", "qwen3", "mistral", "gemma3", "gpt2")
TOKENIZERS = {  # the token that pads, the token that ends answers
    "qwen base: pad = eos = end of text, turns end otherwise": ("<|pad|>", "<|im_end|>"),
    "qwen chat: pad of its own": ("<|endoftext|>", "<|im_end|>"),
    "pad = eos = end of turn": ("<|pad|>", "<|im_end|>"),
    "llama 3: no pad, tokens in reserve": ("<|reserved_special_token_0|>", "<|im_end|>"),
    "llama 2: no pad, unk, bos before every text": ("<unk>", "</s>"),
    "gemma: own pad, turns end otherwise": ("<pad>", "<end_of_turn>"),
    "phi 3: end of text after the end of turn": ("<|placeholder1|>", "<|end|>"),
    "gpt-2: no template, no pad, unk = bos = eos": ("<|pad|>", "<|im_end|>"),
    "sentencepiece without a template": ("<unk>", "<|im_end|>"),
}


@pytest.fixture
def spec(tmp_path, intents, write_rows):
    from benchmarks.sft_bases import TOKENIZERS as known
    from benchmarks.sft_bases import make
    from tasks.sft.spec import TrainSpec

    def prepared(family, tokenizer, **told):
        texts = [text for one in intents for text in (one.prompt, one.answer)]
        base = make(tmp_path / "base", family, known[tokenizer][1](texts))
        rows = write_rows(tmp_path / "rows.jsonl", intents)
        given = {"base_model": str(base), "rows": rows, "out": tmp_path, "max_tokens": 400}
        return TrainSpec(**given, **told, threads=1)

    return prepared


def failed(spec):
    from tasks.sft.assemble import assemble
    from tasks.sft.preflight_checks import CHECKS

    run = assemble(spec)
    return run, [f"{c.name}: {c.finding}" for c in (check(run) for check in CHECKS) if not c.passed]


@pytest.mark.parametrize("batching", ["padding", "concat"])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_passes_preflight_rows_alone_included(spec, family, batching):
    told = spec(family, "llama 3: no pad, tokens in reserve", batching=batching)
    assert failed(told)[1] == []


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_every_kind_of_tokenizer_gets_a_pad_that_is_no_end(spec, tokenizer):
    from benchmarks.sft_bases import TOKENIZERS as known

    run, wrong = failed(spec(known[tokenizer][0], tokenizer))
    assert wrong == []
    assert (run.agreed.padding.token, run.agreed.stop) == TOKENIZERS[tokenizer]


def test_an_end_outside_the_generation_markers_is_refused(spec):
    with pytest.raises(StopTokenUnclear, match="outside the template's"):
        failed(spec("llama", "end outside the generation markers"))
