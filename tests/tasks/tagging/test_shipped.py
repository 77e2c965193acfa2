import pytest

from tasks.tagging import shipped as module
from tasks.tagging.classifier import learn

PROMPTS = ["Write a haiku about rain.", "How do I unclog a drain?", "为什么天空是蓝色的？"]


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """Ask as a new process does, with a cache folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return module.shipped.__wrapped__


@pytest.fixture
def learned(monkeypatch):
    """Count how often it is learned, from few examples."""
    times = []

    def few(lessons, version):
        times.append(len(lessons))
        return learn(lessons[::9], version)

    monkeypatch.setattr(module, "learn", few)
    return times


def test_it_is_learned_once_for_all_processes_and_guesses_the_same(shipped, learned, types):
    first, second = shipped(types), shipped(types)
    assert len(learned) == 1
    assert first.guess(PROMPTS) == second.guess(PROMPTS)
    assert first.held_out.figures() == second.held_out.figures()


def test_other_examples_and_another_list_are_learned_anew(shipped, learned, types, monkeypatch):
    shipped(types)
    shipped(types.model_copy(update={"version": types.version + 1}))
    fewer = module.shipped_lessons(types)[:-40]
    monkeypatch.setattr(module, "shipped_lessons", lambda _: fewer)
    shipped(types)
    assert len(learned) == 3


def test_a_damaged_file_is_made_anew(shipped, learned, types, tmp_path):
    said = shipped(types).guess(PROMPTS)
    [numbers] = tmp_path.rglob("*.npz")
    numbers.write_bytes(b"half a file")
    assert shipped(types).guess(PROMPTS) == said
    assert shipped(types).guess(PROMPTS) == said
    assert len(learned) == 2


def test_where_nothing_can_be_kept_it_is_learned(learned, types, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    module.shipped.__wrapped__(types)
    module.shipped.__wrapped__(types)
    assert len(learned) == 2
