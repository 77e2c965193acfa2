import pytest

from schemas.errors import SettingsError
from schemas.names import checked


@pytest.mark.parametrize("name", ["v1", "2026-03-02_2026-03-04-1a2b3c4d", "core.v2", "A" * 100])
def test_a_name_that_can_be_a_file_is_one(name):
    assert checked(name, "a dataset") == name


@pytest.mark.parametrize(
    "name", ["", "../v1", "a/b", ".hidden", "-v", "v 1", "v1\n", "模型", "A" * 101]
)
def test_any_other_is_refused_in_words(name):
    with pytest.raises(SettingsError, match="is no name for a model: wanted up to 100 letters"):
        checked(name, "a model")
