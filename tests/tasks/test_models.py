import pytest

from schemas import contracts
from schemas.errors import NotFound
from tasks import models
from tasks.adapters import store


def add(cfg, *rows):
    with store.writing(cfg.warehouse) as con:
        for row in rows:
            models.write(con, models.new_model(path=row["model_id"], **row))


def test_a_path_in_the_folder_of_the_settings_is_kept_from_there(cfg):
    assert models.shown_path(cfg, cfg.root / "var" / "training" / "m") == "var/training/m"
    assert models.shown_path(cfg, "/models/qwen") == "/models/qwen"
    assert models.shown_path(cfg, "Qwen/Qwen3-0.6B") == "Qwen/Qwen3-0.6B"
    assert models.shown_path(cfg, "") == ""


def test_weights_are_found_again_when_the_whole_folder_has_moved(cfg):
    (cfg.root / "base").mkdir()
    assert models.folder_of(cfg, {"path": "base", "run_id": None}) == str(cfg.root / "base")
    assert models.folder_of(cfg, {"path": "Qwen/Qwen3-0.6B", "run_id": None}) == "Qwen/Qwen3-0.6B"


def test_a_row_takes_the_place_of_the_one_with_its_id(cfg):
    add(cfg, {"model_id": "m1", "status": "candidate"}, {"model_id": "m2", "status": "candidate"})
    add(cfg, {"model_id": "m1", "status": "retired"})
    rows = store.select(cfg.warehouse, "SELECT model_id, status FROM models ORDER BY model_id")
    assert rows.rows() == [("m1", "retired"), ("m2", "candidate")]


def test_the_champion_is_the_model_that_is_called_so(cfg):
    with store.reading(cfg.warehouse) as con:
        assert models.champion(con) is None
    add(cfg, {"model_id": "m1", "status": "champion"}, {"model_id": "m2", "status": "candidate"})
    with store.reading(cfg.warehouse) as con:
        assert models.champion(con) == models.find(con, "m1")


def test_a_wrong_id_lists_the_right_ones(cfg):
    with (
        store.reading(cfg.warehouse) as con,
        pytest.raises(NotFound, match="none yet; `flywheel t"),
    ):
        models.find(con, "m9")
    add(cfg, {"model_id": "m1", "status": "candidate"}, {"model_id": "m2", "status": "candidate"})
    with store.reading(cfg.warehouse) as con, pytest.raises(NotFound, match="There are: m1, m2"):
        models.find(con, "m9")


def test_a_new_row_has_every_column(cfg):
    assert models.new_model(model_id="m").keys() == contracts.schema("models").keys()
