"""A score with a name is a vote of that name; what teams call thumbs are thumbs."""

import pytest

from tasks.sources.scores import scored


@pytest.mark.parametrize("name", ["user-feedback", "Thumbs", "thumbs up", "human_feedback"])
def test_names_of_thumbs_are_thumbs(name):
    assert [(v.kind, v.value) for v in (scored(name, 1), scored(name, False))] == [
        ("thumb", 1.0),
        ("thumb", 0.0),
    ]


@pytest.mark.parametrize(("name", "value"), [("user-feedback", 4), ("helpful", 1)])
def test_other_scores_keep_their_name(name, value):
    vote = scored(name, value)
    assert (vote.kind, vote.value) == (name, float(value))
