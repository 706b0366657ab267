"""Every rule fires where it should, and on none of the recorded curves of the shipped configurations."""

import csv
import pathlib

import numpy as np
import pytest

from compare_gan2.training import watchdog_rules as rules

RESULTS = pathlib.Path(__file__).parents[2] / "results"
# Without r3gan.gin, whose D does win.
CURVES = sorted(path for path in RESULTS.glob("*/*-losses.csv") if "r3gan" not in path.name)
HEALTHY = {
    "step": 400,
    "spread": 0.9,
    "class_spread": 0.5,
    "accuracy_train": 0.8,
    "accuracy_held_out": 0.7,
    "logit_gap": 1.5,
    "singular_value": 5.0,
}


def curve(path):
    """{tag: array per step} of recorded losses, whose rows are means over stretches of steps."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    steps = np.array([float(row["step"]) for row in rows])
    length = round(float(np.median(np.diff(steps))))
    return {tag: np.repeat([float(row[tag]) for row in rows], length) for tag in rows[0] if tag != "step"}


def adversarial(losses):
    """D's adversarial loss of a recorded run; all have hinge loss, no penalty and rotations of weight 1."""
    if "loss/d_real" in losses:
        return losses["loss/d_real"] + losses["loss/d_fake"]
    return losses["loss/d_0"] - losses.get("loss/c_real_loss", 0.0)


def test_there_are_recorded_curves():
    assert len(CURVES) >= 60


@pytest.mark.parametrize("path", CURVES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_false_alarm_on_a_recorded_run(path):
    losses = curve(path)
    d = adversarial(losses)
    assert len(d) >= 3 * rules.WINNING_STEPS
    for end in range(1, len(d) + 1, 17):
        assert rules.d_wins(d[max(0, end - rules.WINNING_STEPS) : end], 2.0) is None
        last = {tag: values[max(0, end - rules.LOSS_STEPS) : end] for tag, values in losses.items()}
        assert rules.senseless_losses(last) is None
    assert d.min() > 2 * rules.WINNING_SHARE * 2.0  # with a margin of two in any stretch, and more in 500 steps
    # With 40 labels in all, the class loss of the first 34 steps is 5.5 on average.
    for tag, values in losses.items():
        assert values.max() < (rules.TERM_LIMIT / 1.5 if tag in rules.TERMS else rules.LOSS_LIMIT / 10)


@pytest.mark.parametrize(
    "values, scale, fires",
    [
        ([2.7e11], 1, True),
        ([2.7e11], rules.UNBOUNDED, True),
        ([2.0] * 10 + [-2e4], 1, True),
        ([101.0] * 50, 1, True),
        ([101.0] * 49, 1, False),  # a spike of a few steps
        ([2.0] * 30 + [500.0] * 20, 1, False),
        ([5e3] * 50, rules.UNBOUNDED, False),
        ([], 1, False),
    ],
)
def test_senseless_losses(values, scale, fires):
    found = rules.senseless_losses({"loss/g": np.ones(60), "loss/d_0": np.array(values)}, scale)
    assert (found is not None) == fires
    if fires:
        assert found.rule == "senseless" and abs(found.value) > found.threshold
        assert found.message.startswith("loss/d_0 is ") and "ModularGAN.g_lr" in found.message


def test_a_term_has_a_lower_limit_than_a_weighted_sum():
    assert rules.senseless_losses({"loss/d_0": np.full(50, 20.0)}) is None
    assert rules.senseless_losses({"loss/real_loss": np.full(50, 11.0)}).threshold == 10.0


@pytest.mark.parametrize(
    "values, undecided, fires",
    [
        ([0.05] * 500, 2.0, True),
        ([0.05] * 499, 2.0, False),
        ([2.0] * 100 + [0.05] * 400, 2.0, False),
        ([2.0] * 100 + [0.05] * 500, 2.0, True),
        ([0.05] * 500, 1.386, True),
        ([-9.0] * 500, 0.0, False),  # Wasserstein has no such bound
    ],
)
def test_d_wins(values, undecided, fires):
    found = rules.d_wins(values, undecided)
    assert (found is not None) == fires
    assert not fires or (found.rule == "d_wins" and "ModularGAN.d_lr" in found.message and found.steps == 500)


@pytest.mark.parametrize(
    "rule, changes",
    [
        ("senseless", {"logit_gap": 2e3}),
        ("senseless", {"logit_gap": -2e3}),
        ("senseless", {"singular_value": 2e4, "step": 3}),
        ("senseless", {"spread": 1.9, "class_spread": 0.0, "logit_gap": 0.0}),
        ("constant_images", {"spread": 0.01, "class_spread": 0.01}),
        ("class_diversity", {"class_spread": 0.05}),
        ("memorising", {"accuracy_train": 0.99, "accuracy_held_out": 0.3}),
    ],
)
def test_rules_of_one_checkpoint(rule, changes):
    (found,) = rules.of_checkpoints([HEALTHY | changes])
    assert found.rule == rule and len(found.message) > 60


def test_singular_values_that_run_away():
    rows = [HEALTHY, HEALTHY | {"step": 800, "singular_value": 51.0}]
    (found,) = rules.of_checkpoints(rows)
    assert found.rule == "singular_values" and found.value == pytest.approx(10.2)
    assert rules.of_checkpoints([rows[0], rows[1] | {"singular_value": 49.0}]) == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"step": 100, "spread": 0.001, "class_spread": 0.001, "accuracy_held_out": 0.0},  # untrained
        dict.fromkeys(rules.MEASURED, float("nan")),
        {"accuracy_train": 0.98, "accuracy_held_out": 0.5},  # a good BigGAN
    ],
)
def test_healthy_checkpoints(changes):
    assert rules.of_checkpoints([HEALTHY | changes]) == []
    assert rules.of_checkpoints([]) == []


@pytest.mark.parametrize(
    "calls, fires",
    [
        ([(20, 10.0)] * 20 + [(20, 25.0)] * 6, True),
        ([(20, 10.0)] * 20 + [(20, 19.0)] * 8, False),
        ([(20, 10.0)] * 20 + [(20, 100.0)], False),  # one slow call
        ([(20, 10.0)] * 5 + [(20, 25.0)] * 6, False),  # too little to compare with
        ([(100, 0.001)] * 5, False),
        ([], False),
    ],
)
def test_throughput(calls, fires):
    found = rules.throughput(calls)
    assert (found is not None) == fires
    assert not fires or (found.rule == "throughput" and found.value == pytest.approx(0.4))
