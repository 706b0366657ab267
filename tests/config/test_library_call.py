"""What a function of the library cannot be given: one typed error that names the keyword."""

from typing import Literal

import numpy as np
import pytest

from compare_gan2.config.library_call import library_call
from compare_gan2.ground.errors import ConfigError, DataError
from compare_gan2.ground.option_names import as_flags


@library_call("depth", model_dir="path")
def drawn(path: str | None, count: int = 3, kind: Literal["circle", "square"] = "circle", **others):
    """Its arguments, or an error."""
    if path == "absent":
        raise DataError("--model_dir: there is nothing; --count=3 and --from stay")
    return path, count, kind, others


@library_call()
def any_keyword(first: int, **others):
    return first, others


class Picture:
    @library_call(checks=False)
    def of(self, count: int = 3):
        return count


def test_what_fits_passes():
    assert drawn("a", kind="square", depth=2) == ("a", 3, "square", {"depth": 2})
    path, count, _, _ = drawn(None, np.int64(4))
    assert (path, count) == (None, 4) and type(count) is int
    assert any_keyword(1, whatever=2) == (1, {"whatever": 2})
    assert Picture().of("x") == "x"
    assert drawn.__doc__ == "Its arguments, or an error."


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: drawn("a", conut=2), "drawn: there is no keyword 'conut'; did you mean count?"),
        (lambda: drawn("a", dept=2), "drawn: there is no keyword 'dept'; did you mean depth?"),
        (lambda: drawn("a", schedule=2), "drawn: there is no keyword 'schedule'; it takes path, count, kind, depth$"),
        (lambda: drawn(), "drawn: missing a required argument: 'path'"),
        (lambda: drawn("a", 1, "circle", 4), "drawn: too many positional arguments"),
        (lambda: drawn("a", "4"), "count: expected .* got '4'"),
        (lambda: drawn("a", 4.0), "count: expected .* got 4.0"),
        (lambda: drawn("a", True), "count: expected .* got True"),
        (
            lambda: drawn("a", kind="squar"),
            "kind: expected one of 'circle', 'square', got 'squar'.*did you mean square?",
        ),
        (lambda: any_keyword("x"), "first: expected"),
        (lambda: Picture().of(cuont=2), "of: there is no keyword 'cuont'; did you mean count?"),
    ],
)
def test_what_does_not_fit_is_one_typed_error(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


def test_messages_name_keywords_and_in_commands_flags():
    with pytest.raises(DataError) as found:
        drawn("absent")
    assert str(found.value) == "path: there is nothing; count=3 and --from stay"
    with as_flags(), pytest.raises(ConfigError, match="^--model_dir: expected .* got 5"):
        drawn(5)
    with as_flags(), pytest.raises(ConfigError, match="^--count: expected .* got 'x'"):
        drawn("a", "x")
    with as_flags(), pytest.raises(DataError) as found:
        drawn("absent")
    assert str(found.value) == "--model_dir: there is nothing; --count=3 and --from stay"
