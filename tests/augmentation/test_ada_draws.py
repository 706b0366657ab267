import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.augmentation import ada_draws
from compare_gan2.training.step import StepRandom

NAMES = [name for members in ada_draws.GROUPS.values() for name in members]
IDENTITY = {"scale": 1, "aniso": 1, "contrast": 1, "saturation": 1, "imgfilter": 1}


def drawn(p, names=NAMES, count=4000):
    return ada_draws.drawn(names, StepRandom(0, 0).uniform, count, p)


def test_every_operation_has_columns():
    assert sorted(ada_draws.COLUMNS) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_is_applied_with_its_probability(name):
    value = drawn(0.4)[name]
    value = value[0] if name == "cutout" else tf.stack(value, 1) if name == "rotate" else value
    changed = np.asarray(value).reshape(4000, -1) != IDENTITY.get(name, 0)
    expected = {"xflip": 0.2, "lumaflip": 0.2, "rotate90": 0.3, "imgfilter": 1 - 0.6**4}.get(name, 0.4)
    assert changed.any(1).mean() == pytest.approx(expected, abs=0.03)


def test_distributions_of_what_is_applied():
    found = {name: np.asarray(value) for name, value in drawn(1.0).items() if name not in ("rotate", "cutout")}
    for name, deviation in {"brightness": 0.2, "xfrac": 0.125}.items():
        assert found[name].std() == pytest.approx(deviation, rel=0.05) and abs(found[name].mean()) < 0.02
    for name, deviation in {"scale": 0.2, "aniso": 0.2, "contrast": 0.5, "saturation": 1.0, "imgfilter": 1.0}.items():
        assert np.log2(found[name]).std() == pytest.approx(deviation, rel=0.05)
    assert found["noise"].mean() == pytest.approx(0.1 * np.sqrt(2 / np.pi), rel=0.05)
    assert np.abs(found["xint"]).max() <= 0.125 and np.abs(found["hue"]).max() <= np.pi
    assert set(found["rotate90"]) == {0, 1, 2, 3} and set(found["xflip"]) == {0, 1}


def test_an_operation_draws_the_same_whichever_others_there_are():
    np.testing.assert_array_equal(drawn(0.5, ["hue"])["hue"], drawn(0.5)["hue"])
    assert list(drawn(0.5, ["hue"])) == ["hue"]
