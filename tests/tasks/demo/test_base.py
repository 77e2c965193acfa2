import sys

import pytest

from tasks.demo.base import make_base_in_child

TEXTS = ["What is 12 + 30?", "把3公里换算成米", "감정 분류: 아주 좋았고"] * 3


@pytest.mark.slow
def test_the_child_makes_the_base_that_the_same_call_makes_here(tmp_path):
    pytest.importorskip("torch", reason="not run: no torch")
    from tasks.demo.student import make_base

    made = make_base_in_child(tmp_path / "base", TEXTS)
    here = make_base(tmp_path / "here", TEXTS, 7)
    for name in ("model.safetensors", "tokenizer.json", "chat_template.jinja", "config.json"):
        assert (made / name).read_bytes() == (here / name).read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []


def test_the_caller_needs_no_torch():
    assert "torch" not in vars(sys.modules["tasks.demo.base"])
