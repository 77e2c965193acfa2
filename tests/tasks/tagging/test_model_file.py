import json
import shutil
import stat

import numpy as np
import pytest

from schemas.errors import TaggerError
from tasks.tagging import model_file
from tasks.tagging.classifier import learn
from tasks.tagging.lessons import Lesson


def taught(salt=""):
    labels = ("code/debug", "qa/how_to", "writing/poem")
    said = [
        Lesson(f"{label} {salt}{n} words", label, True, True) for label in labels for n in range(30)
    ]
    return learn(said, 3)


@pytest.fixture(scope="module")
def classifier():
    return taught()


@pytest.fixture
def folder(classifier, tmp_path):
    model_file.save(classifier, tmp_path / "tagger")
    return tmp_path / "tagger"


def test_what_is_saved_is_what_is_loaded(classifier, folder):
    loaded = model_file.load(folder)
    texts = ["qa/how_to 3 words", "poem", ""]
    assert loaded.guess(texts) == classifier.guess(texts)
    assert loaded.about == classifier.about
    assert loaded.held_out.figures() == classifier.held_out.figures()
    assert loaded.held_out.threshold(0.9) == classifier.held_out.threshold(0.9)


def test_where_none_was_trained_there_is_none(tmp_path):
    assert model_file.load(tmp_path / "tagger") is None
    assert not (tmp_path / "tagger").exists()


def test_the_same_classifier_is_the_same_file(classifier, folder, tmp_path):
    model_file.save(classifier, tmp_path / "again")
    for path in (*folder.glob("*.npz"), folder / model_file.NAME):
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_the_json_says_what_it_is(classifier, folder):
    said = json.loads((folder / model_file.NAME).read_text())
    assert said["labels"] == list(classifier.model.labels)
    assert said["about"] == {"taxonomy_version": 3, "examples": 0, "tags": 90}
    assert 0 <= said["figures"]["macro_f1_area"] <= 1


def test_a_new_one_takes_the_place_of_the_old(folder):
    model_file.save(taught("x"), folder)
    assert len(list(folder.glob("*.npz"))) == 1
    assert model_file.load(folder).guess(["qa/how_to x3"])


def test_only_its_owner_reads_it(folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_save_that_dies_before_its_last_step_leaves_the_old_one(classifier, folder, monkeypatch):
    real = model_file._write

    def dies(path, content):
        if path.name == model_file.NAME:
            raise KeyboardInterrupt
        real(path, content)

    monkeypatch.setattr(model_file, "_write", dies)
    with pytest.raises(KeyboardInterrupt):
        model_file.save(taught("x"), folder)
    assert model_file.load(folder).guess(["poem"]) == classifier.guess(["poem"])


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def with_hash_of(path, arrays):
    """Replace the arrays by others, and let the .json name them."""
    from hashlib import sha256
    from io import BytesIO

    buffer = BytesIO()
    np.savez_compressed(buffer, **arrays)
    about = json.loads(path.read_text()) | {"sha256": sha256(buffer.getvalue()).hexdigest()}
    path.write_text(json.dumps(about))
    (path.parent / f"classifier-{about['sha256'][:12]}.npz").write_bytes(buffer.getvalue())


BROKEN = {
    "npz cut off": (lambda f: cut(next(f.glob("*.npz"))), "is damaged: its checksum differs"),
    "npz gone": (lambda f: next(f.glob("*.npz")).unlink(), "cannot be read: No such file"),
    "json cut off": (lambda f: cut(f / "classifier.json"), "is damaged or foreign"),
    "json of another": (
        lambda f: (f / "classifier.json").write_text("{}"),
        "is damaged or foreign",
    ),
    "json empty": (lambda f: (f / "classifier.json").write_text(""), "is damaged or foreign"),
    "json a folder": (
        lambda f: ((f / "classifier.json").unlink(), (f / "classifier.json").mkdir()),
        "cannot be read: Is a directory",
    ),
    "a later format": (
        lambda f: (f / "classifier.json").write_text(
            (f / "classifier.json").read_text().replace('"format": 1', '"format": 2')
        ),
        "is damaged or foreign",
    ),
    "foreign arrays": (
        lambda f: with_hash_of(f / "classifier.json", {"weights": np.ones(3)}),
        "holds other arrays",
    ),
    "pickled arrays": (
        lambda f: with_hash_of(f / "classifier.json", {"weights": np.array([{}], dtype=object)}),
        "is no .npz file",
    ),
}


@pytest.mark.parametrize(("damage", "said"), BROKEN.values(), ids=BROKEN)
def test_a_damaged_or_foreign_file_is_named_with_what_to_do(folder, damage, said):
    damage(folder)
    with pytest.raises(TaggerError, match=said) as caught:
        model_file.load(folder)
    assert "\n" not in str(caught.value)
    assert "flywheel tag train" in str(caught.value)
    shutil.rmtree(folder)
