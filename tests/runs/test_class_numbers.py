"""Classes by number or name."""

import numpy as np
import pytest

from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.class_numbers import class_numbers


def test_names_win_over_numbers():
    assert class_numbers(["1", "b", "2", 1], 4, 3, ("b", "c", "1")).tolist() == [2, 0, 2, 1]
    assert class_numbers("2", 2, 3).tolist() == [2, 2] and class_numbers(np.int64(-1), 1, 3).tolist() == [-1]
    assert class_numbers(None, 4, None) is None


def test_many_names_are_not_all_listed():
    names = tuple(f"name{number}" for number in range(1000))
    with pytest.raises(ConfigError) as raised:
        class_numbers("name1000", 1, 1000, names, "classes")
    message = str(raised.value)
    assert message.startswith("classes: expected classes from 0 to 999 or one of the names name0, name1, ")
    assert "name29 and 970 more, got 'name1000'; did you mean name" in message and len(message) < 400
    with pytest.raises(ConfigError, match="got '1000'$"):
        class_numbers("1000", 1, 1000, names)
