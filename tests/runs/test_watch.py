"""The watchdog of a run: events in its folder, a stop that stays, a roll back that a kill does not change."""

import numpy as np
import pytest
import tensorflow as tf
from support import tiny_run
from support.trained_run import trained_run

from compare_gan2.gans.losses import hinge, least_squares, non_saturating, wasserstein
from compare_gan2.ground.errors import TrainingFailed
from compare_gan2.run_folder.run_files import RunFiles
from compare_gan2.runs.checkpoint_measurements import CheckpointMeasurements, spread
from compare_gan2.runs.watch import adversarial_loss, undecided_loss
from compare_gan2.training import watchdog_rules as rules


class Gan:
    def __init__(self, loss=hinge, **values):
        self.loss, self.disc_iters, self.penalty_weight, self.weight_rotation_loss_d = loss, 2, 10.0, 0.5
        self.__dict__ |= values


def test_adversarial_losses():
    values = {"loss/d_0": 9.0, "loss/d_1": 5.0, "loss/penalty": 0.1, "loss/c_real_loss": 2.0}
    assert adversarial_loss(Gan(), values) == pytest.approx(5.0 - 1.0 - 1.0)
    assert adversarial_loss(Gan(), {"loss/d_1": 5.0, "loss/penalty": 0.1}) == pytest.approx(4.0)
    assert adversarial_loss(Gan(least_squares), {"loss/d_real": 0.2, "loss/d_fake": 0.4}) == pytest.approx(0.3)
    with_terms = {"loss/d_1": 5.0, "loss/penalty": 0.1, "loss/d_adversarial": 1.25}
    assert adversarial_loss(Gan(), with_terms) == 1.25
    undecided = [undecided_loss(Gan(loss)) for loss in (hinge, non_saturating, least_squares, wasserstein)]
    assert undecided == pytest.approx([2.0, 2 * np.log(2), 0.25, 0.0])
    assert undecided_loss(Gan(adversarial=False)) == 0.0


def test_measurements_of_a_checkpoint_are_the_same_each_time(trained):
    def measured():
        gan = trained.model.gan
        trained.sampler.checkpoint = None
        networks = [gan.generator, gan.discriminator]
        return CheckpointMeasurements(trained.sampler, trained.ready, trained.data.dataset, networks)(2)

    before = {name: value.numpy() for name, value in trained.model.state.variables().items()}
    first = measured()
    assert first.keys() == set(rules.MEASURED) and measured() == first
    assert first["spread"] > 0 and first["class_spread"] > 0 and first["singular_value"] > 0
    for name, value in trained.model.state.variables().items():
        np.testing.assert_array_equal(value.numpy(), before[name], err_msg=name)
    row = {name: values[-1] for name, values in trained.files.measurements.read().items()}
    assert row.pop("step") == 2
    assert row == pytest.approx(first, rel=1e-6, nan_ok=True)


def test_spread():
    assert spread(np.ones([5, 2, 2, 1])) == 0.0
    assert spread(np.array([0.0, 1.0]).reshape(2, 1, 1, 1)) == 0.5


def finding_at(*steps, rule="memorising"):
    """In place of `rules.of_checkpoints`: finds something the first time a step is measured, one for each mention."""
    left = list(steps)

    def of_checkpoints(rows):
        if rows and rows[-1]["step"] in left:
            left.remove(rows[-1]["step"])
            return [rules.Finding(rule, 1.0, 0.5, "it is bad, try less")]
        return []

    return of_checkpoints


def weights(run):
    return {name: value.numpy() for name, value in run.model.state.variables().items()}


def rate(run):
    return float(run.model.state.g_optimizer.learning_rate), float(run.model.state.d_optimizer.learning_rate)


def test_warnings_change_no_number(tmp_path, monkeypatch):
    off = trained_run(tmp_path / "off", "watchdog.enabled = False")
    monkeypatch.setattr(rules, "of_checkpoints", finding_at(1))
    on = trained_run(tmp_path / "on")
    assert not off.files.measurements.path.exists() and len(on.files.measurements.read()["step"]) == 2
    assert off.files.log.path.read_bytes() == on.files.log.path.read_bytes()
    for name, value in weights(off).items():
        np.testing.assert_array_equal(value, weights(on)[name], err_msg=name)
    (event,) = on.files.events.read()
    assert (event["step"], event["rule"], event["action"]) == (1, "memorising", "warn")
    assert "; watchdog: memorising at step 1" in on.files.summary()
    texts = [
        value.tag
        for path in on.files.path.glob("events.out.tfevents.*")
        for record in tf.compat.v1.train.summary_iterator(str(path))
        for value in record.summary.value
    ]
    assert "watchdog/memorising" in texts and "watchdog/singular_value" in texts


def test_a_stop_at_the_last_checkpoint_is_not_done_when_it_is_started_again(tmp_path, monkeypatch):
    monkeypatch.setattr(rules, "of_checkpoints", finding_at(2, 2, 2))
    for _ in range(2):
        with pytest.raises(TrainingFailed, match="step 2: it is bad, try less.*watchdog.memorising = 'warn'"):
            trained_run(tmp_path, "watchdog.memorising = 'stop'")
        files = RunFiles(tmp_path)
        assert not files.directory.done_marker.exists() and len(files.events.read()) == 1
    trained_run(tmp_path, "watchdog.memorising = 'warn'")
    assert files.directory.done_marker.exists()


BACK = ["watchdog.memorising = 'roll back'", "options.training_steps = 4", "run_config.keep_checkpoint_max = 1"]


def test_a_roll_back_resumes_with_smaller_rates_whether_killed_or_not(tmp_path, monkeypatch):
    monkeypatch.setattr(rules, "of_checkpoints", finding_at(3, 3))
    whole = trained_run(tmp_path / "whole", *BACK)
    assert rate(whole) == pytest.approx((0.0125, 0.0125))
    events = whole.files.events.read()
    assert [(event["step"], event["rolled_back_to"], event["action"]) for event in events] == [(3, 2, "roll back")] * 2
    assert whole.files.log.read()["step"].tolist() == whole.files.measurements.read()["step"].tolist() == [1, 2, 3, 4]
    assert "memorising: rolled back from step 3 to 2" in whole.files.summary()
    plain = trained_run(tmp_path / "plain", *BACK[1:])
    assert any(np.any(value != weights(plain)[name]) for name, value in weights(whole).items())

    for number, killed_at in enumerate(("drop_after", "restored")):  # while it rolls back, before and after the event
        find = finding_at(*[3] * (3 if killed_at == "drop_after" else 2))
        monkeypatch.setattr(rules, "of_checkpoints", find)
        with monkeypatch.context() as patch:

            def die(*_):
                raise KeyboardInterrupt

            place = {"drop_after": "compare_gan2.run_folder.checkpoints.Checkpoints.drop_after"}
            patch.setattr(place.get(killed_at, "compare_gan2.run_folder.checkpoints.Checkpoints.restore"), die)
            with pytest.raises(KeyboardInterrupt):
                trained_run(tmp_path / str(number), *BACK)
        parts = trained_run(tmp_path / str(number), *BACK)
        assert rate(parts) == pytest.approx((0.0125, 0.0125))
        for name, value in weights(whole).items():
            np.testing.assert_array_equal(value, weights(parts)[name], err_msg=name)
        assert parts.files.log.path.read_bytes() == whole.files.log.path.read_bytes()


def test_too_many_roll_backs_stop(tmp_path, monkeypatch):
    monkeypatch.setattr(rules, "of_checkpoints", finding_at(1, 1, 1))
    with pytest.raises(TrainingFailed, match="step 1: it is bad.*rolled back 2 times .watchdog.most_roll_backs."):
        trained_run(tmp_path, BACK[0], "watchdog.most_roll_backs = 2")


@pytest.mark.slow
def test_a_poisoned_learning_rate_ends_with_exit_code_1(tmp_path):
    rates = {"ModularGAN__g_lr": 10.0, "ModularGAN__d_lr": 10.0, "options__training_steps": 60}
    result = tiny_run.quick(tmp_path, tiny_run.TRAIN_ONLY, **rates)
    assert result.code == 1
    assert "beyond any sense" in tiny_run.error_line(result)
    assert RunFiles(tmp_path).events.read()[-1]["action"] == "stop"


@pytest.mark.slow
def test_two_replicas_roll_back(tmp_path, monkeypatch):
    monkeypatch.setattr(rules, "of_checkpoints", finding_at(3))
    replicas = {"run_config__single_core": None, "watchdog__memorising": "'roll back'"}
    result = tiny_run.quick(tmp_path, tiny_run.TRAIN_ONLY, "--num_devices=2", **replicas)
    assert result.code == 0, result.err
    assert "rolled back to step 0; learning rates of generator and discriminator are now 0.0001, 0.00025" in result.out
    assert RunFiles(tmp_path).measurements.read()["step"].tolist() == [3, 6]
