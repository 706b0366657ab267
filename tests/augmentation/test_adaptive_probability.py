import numpy as np
import pytest
import tensorflow as tf
from support.field_goldens import assert_equals, field_case

from compare_gan2.augmentation.adaptive_probability import AdaptiveOptions, AdaptiveProbability


def run(options, signs):
    probability, found = AdaptiveProbability(options), []
    update = tf.function(lambda total, count: probability.update(total, count))
    for row in signs:
        update(tf.constant(int(row.sum())), tf.constant(len(row)))
        found.append(float(probability.p))
    return found


@pytest.mark.parametrize("rule, name", [("paper", "p"), ("studiogan", "studiogan_p")])
def test_recorded_case(rule, name):
    hyper, case = field_case("ada_p")
    options = {"p": hyper["p0"], "target": hyper["target"], "interval": hyper["interval"], "kimg": float(hyper["kimg"])}
    assert_equals(run(AdaptiveOptions(**options, rule=rule), case["signs"]), case[name], 1e-5)


def test_it_falls_to_0_and_no_further_and_only_studiogan_stops_at_1():
    low, high = -np.ones([8, 10]), np.ones([8, 10])
    options = {"interval": 2, "kimg": 0.05}
    assert run(AdaptiveOptions(p=0.5, **options), low) == pytest.approx([0.5, 0.1, 0.1, 0, 0, 0, 0, 0])
    assert max(run(AdaptiveOptions(p=0.5, **options), high)) == pytest.approx(2.1)
    assert max(run(AdaptiveOptions(p=0.5, rule="studiogan", **options), high)) == 1.0


def test_a_mean_sign_at_the_target_changes_nothing():
    signs = np.array([[1, 1, 1, -1]] * 4)
    assert run(AdaptiveOptions(p=0.25, target=0.5, interval=1, kimg=0.01), signs) == [0.25] * 4


def test_without_a_target_p_stays_and_nothing_is_saved():
    probability = AdaptiveProbability(AdaptiveOptions(p=0.25, target=None))
    probability.update(tf.constant(8), tf.constant(8))
    assert float(probability.p) == 0.25 and probability.variables() == {}
    assert list(AdaptiveProbability(AdaptiveOptions()).variables()) == ["p", "updates", "signs", "logits"]
