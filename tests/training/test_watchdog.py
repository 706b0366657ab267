"""What the watchdog does about findings: once per alarm, the action of each rule, the same after a resume."""

import numpy as np
import pytest

from compare_gan2.ground.errors import ConfigError, TrainingFailed
from compare_gan2.run_folder.training_log import TrainingLog
from compare_gan2.training.loop import NotFinite
from compare_gan2.training.watchdog import RollBack, Watchdog
from compare_gan2.training.watchdog_options import WatchdogOptions
from compare_gan2.training.watchdog_rules import MEASURED

HEALTHY = dict(zip(MEASURED, [0.9, 0.5, 0.8, 0.7, 1.5, 5.0], strict=True))


class Case:
    """A watchdog of a folder, with what it reported and rolled back."""

    def __init__(self, folder, measured=(), **options):
        self.reported, self.rolled, self.shown = [], [], []
        self.measured = dict(measured)
        self.log = TrainingLog(folder / "training.csv")
        self.dog = Watchdog(
            WatchdogOptions(**options),
            adversarial=lambda scalars: scalars["loss/d_0"],
            undecided=2.0,
            loss_scale=1,
            measure=lambda step: HEALTHY | self.measured.get(step, {}),
            log=self.log,
            measurements=TrainingLog(folder / "watchdog.csv", every_step=False),
            report=lambda step, finding, action: self.reported.append((step, finding.rule, action)),
            show=lambda step, values: self.shown.append(step),
            roll_back=lambda step, finding: self.rolled.append((step, finding.rule)),
        )

    def call(self, step, loss, count=100, seconds=1.0):
        scalars = {"loss/d_0": np.full(count, loss, np.float32), "loss/g": np.ones(count, np.float32)}
        self.log.append(step - count + 1, scalars)
        self.dog.after_call(step, scalars, seconds)


def test_a_warning_comes_once_until_all_was_well_again(tmp_path):
    case = Case(tmp_path)
    for number, loss in enumerate([1.0] + [0.01] * 8 + [1.0] * 5 + [0.01] * 6, 1):
        case.call(100 * number, loss)
    assert case.reported == [(600, "d_wins", "warn"), (1900, "d_wins", "warn")]


def test_senseless_losses_stop_by_default(tmp_path):
    case = Case(tmp_path)
    case.call(100, 2.0)
    with pytest.raises(TrainingFailed, match=r"step 200: loss/d_0 is 2.7e\+11, beyond any sense.*watchdog.senseless"):
        case.call(200, 2.7e11)
    assert case.reported == [(200, "senseless", "stop")]


@pytest.mark.parametrize(
    "rule, changes",
    [
        ("senseless", {"logit_gap": 1e5}),
        ("constant_images", {"spread": 0.01, "class_spread": 0.01}),
        ("class_diversity", {"class_spread": 0.01}),
        ("memorising", {"accuracy_train": 1.0, "accuracy_held_out": 0.1}),
        ("singular_values", {"singular_value": 600.0}),
    ],
)
@pytest.mark.parametrize("action", ["off", "warn", "stop", "roll back"])
def test_the_action_of_each_rule_at_a_checkpoint(rule, changes, action, tmp_path):
    case = Case(tmp_path, {800: changes}, **{rule: action})
    case.dog.after_checkpoint(400)
    if action in ("off", "warn"):
        case.dog.after_checkpoint(800)
    else:
        with pytest.raises(TrainingFailed if action == "stop" else RollBack):
            case.dog.after_checkpoint(800)
    reported = {"off": [], "roll back": []}.get(action, [(800, rule, action)])
    assert case.reported == reported and case.shown == [400, 800]


def test_the_action_at_losses_and_at_speed(tmp_path):
    case = Case(tmp_path, d_wins="roll back", throughput="stop")
    for step in range(100, 500, 100):
        case.call(step, 0.01)
    with pytest.raises(RollBack) as caught:
        case.call(500, 0.01)
    assert caught.value.step == 500 and caught.value.finding.rule == "d_wins"
    (tmp_path / "slow").mkdir()
    slow = Case(tmp_path / "slow", throughput="stop")
    for step in range(100, 1200, 100):
        slow.call(step, 1.0, seconds=30.0 if step < 1000 else 90.0)
    with pytest.raises(TrainingFailed, match="step 1200: training runs at 1.11 steps/s, 33% of the usual 3.33"):
        slow.call(1200, 1.0, seconds=90.0)


def test_the_hardest_action_wins_and_warnings_are_reported_first(tmp_path):
    case = Case(tmp_path, {800: {"class_spread": 0.01, "logit_gap": 1e5}})
    with pytest.raises(TrainingFailed, match="logits"):
        case.dog.after_checkpoint(800)
    assert case.reported == [(800, "class_diversity", "warn"), (800, "senseless", "stop")]


def test_step_0_is_not_measured_and_nothing_is_if_disabled(tmp_path):
    case = Case(tmp_path)
    case.dog.after_checkpoint(0)
    assert case.shown == []
    case = Case(tmp_path, enabled=False)
    case.call(100, 1e12)
    case.dog.after_checkpoint(800)
    case.dog.resume(800)
    assert case.reported == case.shown == [] and case.dog.options.action("not_finite") == "stop"


def test_a_resumed_run_reports_as_one_that_was_not_killed(tmp_path):
    (tmp_path / "whole").mkdir()
    whole = Case(tmp_path / "whole", {400: {"class_spread": 0.01}, 800: {"class_spread": 0.01}})
    parts = [Case(tmp_path, whole.measured), Case(tmp_path, whole.measured)]
    for number in range(1, 13):
        for case in (whole, parts[number > 8]):
            if number == 9 and case is parts[1]:
                case.dog.resume(800)
            case.call(100 * number, 0.01)
            if number % 4 == 0:
                case.dog.after_checkpoint(100 * number)
    assert whole.reported == parts[0].reported + parts[1].reported
    assert whole.reported == [(400, "class_diversity", "warn"), (500, "d_wins", "warn")]


def test_a_checkpoint_that_was_not_measured_is_measured_on_resume(tmp_path):
    case = Case(tmp_path, {400: {"class_spread": 0.01}})
    case.dog.resume(400)
    assert case.shown == [400] and case.reported == [(400, "class_diversity", "warn")]


def test_a_run_that_was_stopped_at_a_checkpoint_stops_again_unless_told_otherwise(tmp_path):
    with pytest.raises(TrainingFailed):
        Case(tmp_path, {400: {"logit_gap": 1e5}}).dog.after_checkpoint(400)
    with pytest.raises(TrainingFailed, match="watchdog.senseless = 'warn'"):
        Case(tmp_path).dog.resume(400)
    Case(tmp_path, senseless="warn").dog.resume(400)


def test_roll_backs_are_limited(tmp_path):
    case = Case(tmp_path, {400: {"logit_gap": 1e5}}, senseless="roll back", most_roll_backs=1)
    with pytest.raises(RollBack) as caught:
        case.dog.after_checkpoint(400)
    case.dog.recover(caught.value)
    assert case.rolled == [(400, "senseless")]
    with pytest.raises(TrainingFailed, match="rolled back 1 times"):
        case.dog.recover(caught.value)
    assert case.reported == [(400, "senseless", "stop")]


def test_values_that_are_not_finite_stop_or_roll_back(tmp_path):
    problem = NotFinite("loss/g is nan at step 7", 7)
    case = Case(tmp_path)
    with pytest.raises(NotFinite):
        case.dog.recover(problem)
    assert case.reported == [(7, "not_finite", "stop")] and case.rolled == []
    case = Case(tmp_path, not_finite="roll back")
    case.dog.recover(problem)
    assert case.rolled == [(7, "not_finite")] and case.reported == []


def test_options_have_ranges():
    with pytest.raises(ConfigError, match="watchdog.rate_factor: expected a number above 0 and below 1, got 1"):
        WatchdogOptions(rate_factor=1)
    with pytest.raises(ConfigError, match="watchdog.most_roll_backs: expected a whole number from 0 to .*, got -1"):
        WatchdogOptions(most_roll_backs=-1)
    assert not WatchdogOptions().rolls_back and WatchdogOptions(d_wins="roll back").rolls_back
