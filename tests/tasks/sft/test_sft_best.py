import shutil

from tasks.sft import best


def checkpoint(folder, step, *files):
    path = folder / f"checkpoint-{step}"
    path.mkdir()
    for name in (*files, "optimizer.pt"):
        (path / name).write_text(f"{name} of {step}")
    return path


def test_nothing_is_kept_before_there_is_a_best(tmp_path):
    assert best.kept(tmp_path) is None


def test_the_best_weights_outlive_their_checkpoint(tmp_path):
    path = checkpoint(tmp_path, 10, "model.safetensors")
    best.keep(path)
    shutil.rmtree(path)
    step, folder = best.kept(tmp_path)
    assert step == 10
    assert (folder / "model.safetensors").read_text() == "model.safetensors of 10"
    assert not (folder / "optimizer.pt").exists()


def test_better_ones_take_their_place_shards_and_index_with_them(tmp_path):
    best.keep(checkpoint(tmp_path, 10, "model.safetensors"))
    shards = ("model-00001-of-2.safetensors", "model.safetensors.index.json")
    best.keep(checkpoint(tmp_path, 20, *shards))
    step, folder = best.kept(tmp_path)
    assert (step, {path.name for path in folder.iterdir()}) == (20, {*shards, "step"})


def test_a_file_system_without_hard_links_gets_copies(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError

    monkeypatch.setattr("os.link", refuse)
    best.keep(checkpoint(tmp_path, 10, "model.safetensors"))
    assert (tmp_path / "best" / "model.safetensors").read_text() == "model.safetensors of 10"
