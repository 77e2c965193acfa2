import pytest

from tasks.sft.looks import Looks, has_fallen, mean
from tasks.sft.spec import Look, StopRate, TypeLoss


def part(loss, tokens=10, task_type="qa/how_to"):
    return TypeLoss(task_type=task_type, rows=1, label_tokens=tokens, loss=loss)


def loss_at(step, loss):
    return Look(step=step, validation=(part(loss),))


def stops_at(step, stopped):
    return StopRate(step=step, prompts=20, stopped=stopped)


@pytest.fixture
def looks(tmp_path):
    made = Looks(tmp_path / "looks.jsonl")
    made.add(Look(step=0, stops=stops_at(0, 3)))
    for step, loss in ((10, 2.0), (20, 1.5), (30, 1.5), (40, 1.75)):
        made.add(loss_at(step, loss))
    return made


def test_the_best_step_is_the_first_with_the_lowest_loss(looks):
    assert looks.best_step == 20
    assert looks.losses == {10: 2.0, 20: 1.5, 30: 1.5, 40: 1.75}
    assert looks.stop_rates == (stops_at(0, 3),)


def test_without_validation_rows_no_step_is_best(tmp_path):
    assert Looks(tmp_path / "looks.jsonl").best_step is None


def test_a_resumed_run_takes_back_what_it_will_see_again(looks):
    with looks.path.open("a") as torn:
        torn.write('{"step": 4')
    resumed = Looks(looks.path)
    resumed.resume(10)
    assert [look.step for look in resumed.all] == [0, 10]
    resumed.add(loss_at(20, 1.0))
    again = Looks(looks.path)
    again.resume(99)
    assert again.losses == {10: 2.0, 20: 1.0}


def test_a_run_from_the_start_has_seen_nothing(tmp_path):
    looks = Looks(tmp_path / "looks.jsonl")
    looks.resume(0)
    assert looks.all == []


def test_the_mean_is_over_tokens_not_over_task_types():
    assert mean([part(1.0, tokens=30), part(2.0, tokens=10, task_type="a/b")]) == 1.25


@pytest.mark.parametrize(
    ("seen", "best"),
    [
        ([(0, 20), (50, 17)], None),
        ([(0, 20), (50, 16)], 0),
        ([(0, 18), (50, 14)], 0),
        ([(0, 17), (50, 0)], None),  # a base that does not stop is no measure
        ([(0, 5), (50, 15), (90, 11)], 50),
        ([(0, 5), (50, 15), (90, 12)], None),
        ([(0, 20), (50, 19), (90, 17)], None),
        ([(0, 20)], None),
        ([(50, 0)], None),
    ],
    ids=lambda seen: str(seen).replace(" ", ""),
)
def test_a_fall_is_20_points_below_the_best_before(seen, best):
    found = has_fallen(tuple(stops_at(*one) for one in seen))
    assert (found and found.step) == best


@pytest.mark.parametrize(("before", "after", "fell"), [(3, 0, False), (5, 2, False), (5, 1, True)])
def test_of_few_prompts_it_takes_four(before, after, fell):
    rates = tuple(
        StopRate(step=step, prompts=5, stopped=stopped)
        for step, stopped in ((50, before), (90, after))
    )
    assert (has_fallen(rates) is not None) == fell
