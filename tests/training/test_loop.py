"""The training loop: how many steps a call takes, what is saved and logged between calls, and what stops it."""

import signal
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import GANS
from support.counted_state import CountedState

from compare_gan2.config.run_options import RunConfig
from compare_gan2.distribution.no_outputs import NoOutputs
from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.ground import stop_request
from compare_gan2.ground.errors import TrainingFailed
from compare_gan2.run_folder.checkpoints import Checkpoints
from compare_gan2.training import loop
from compare_gan2.training.accumulation import AccumulatedStep
from compare_gan2.training.compiled_loop import CompiledLoop, make_step
from compare_gan2.training.loop import Outputs, require_finite, take_steps, train
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import TrainStep


class Recorder:
    """In place of all outputs: what was written, in order."""

    def __init__(self, state):
        self.state, self.written = state, []

    def save(self, extra=False):
        self.written.append(("extra" if extra else "save", self.state.current_step()))

    def append(self, first_step, scalars):
        rows = {tag: list(map(float, values)) for tag, values in scalars.items()}
        self.written.append(("log", first_step, rows))

    def scalars(self, step, values):
        self.written.append(("events", step, values))

    def flush(self):
        self.written.append(("flush",))

    def update(self, step, values):
        self.written.append(("progress", step, values))

    @property
    def outputs(self):
        return Outputs(self, self, self, self)

    def of(self, kind):
        return [entry[1] for entry in self.written if entry[0] == kind]


def steps_of(state, losses=lambda step: step / 10):
    """Function (iterator, count) that takes steps without any computation."""

    def run(iterator, count):
        taken = []
        for _ in range(count):
            state.count_step()
            taken.append(losses(state.current_step()))
        return {"loss/d_0": np.array(taken, np.float32), "other": np.zeros(count, np.float32)}

    return run


def taken(state, total, per_call=1000, save_every=1000, losses=lambda step: step / 10, recorder=None):
    recorder = recorder or Recorder(state)
    take_steps(
        state,
        None,
        steps_of(state, losses),
        total_steps=total,
        steps_per_call=per_call,
        save_every=save_every,
        outputs=recorder.outputs,
        shown=("loss/d_0",),
    )
    return recorder


@pytest.mark.parametrize(
    "start, total, per_call, save_every, calls, saved",
    [
        (0, 6, 1000, 1000, [6], [6]),
        (0, 6, 2, 1000, [2, 4, 6], [6]),
        (0, 6, 2, 3, [2, 3, 5, 6], [3, 6]),
        (0, 7, 1000, 3, [3, 6, 7], [3, 6, 7]),
        (4, 7, 1000, 3, [6, 7], [6, 7]),
        (6, 6, 2, 3, [], []),
        (8, 6, 2, 3, [], []),
    ],
)
def test_calls_end_at_checkpoints(start, total, per_call, save_every, calls, saved):
    state = CountedState()
    state.step.assign(start)
    recorder = taken(state, total, per_call, save_every)
    assert recorder.of("events") == recorder.of("progress") == calls
    assert recorder.of("save") == saved
    assert state.current_step() == max(start, total)
    assert recorder.of("log") == [step + 1 for step in [start, *calls[:-1]] if calls]


def test_every_step_is_logged_and_the_last_one_shown():
    recorder = taken(CountedState(), 5, per_call=3)
    assert recorder.written == [
        ("log", 1, {"loss/d_0": pytest.approx([0.1, 0.2, 0.3]), "other": [0.0] * 3}),
        ("events", 3, {"loss/d_0": pytest.approx(0.3), "other": 0.0}),
        ("progress", 3, {"loss/d_0": pytest.approx(0.3)}),
        ("log", 4, {"loss/d_0": pytest.approx([0.4, 0.5]), "other": [0.0] * 2}),
        ("events", 5, {"loss/d_0": pytest.approx(0.5), "other": 0.0}),
        ("progress", 5, {"loss/d_0": pytest.approx(0.5)}),
        ("save", 5),
        ("flush",),
    ]


def test_others_are_called_once_a_checkpoint_is_saved():
    state, calls = CountedState(), []
    recorder = Recorder(state)
    take_steps(
        state,
        None,
        steps_of(state),
        total_steps=4,
        steps_per_call=2,
        save_every=2,
        outputs=recorder.outputs,
        shown=(),
        on_checkpoint=lambda step: calls.append((step, recorder.of("save"))),
    )
    assert calls == [(2, [2]), (4, [2, 4])]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_stops_before_its_call_is_written(bad):
    state = CountedState()
    recorder = Recorder(state)
    with pytest.raises(TrainingFailed, match=r"loss/d_0 is (nan|inf) at step 5 \(between steps 4 and 6\); training st"):
        taken(state, 9, per_call=3, save_every=3, losses=lambda step: bad if step == 5 else 1.0, recorder=recorder)
    assert recorder.of("save") == [3] and recorder.of("log") == [1]  # of the call before


def test_the_earliest_step_is_named():
    scalars = {"b": np.array([1, np.nan, np.nan]), "a": np.array([1.0, 1.0, np.inf]), "c": np.array([1.0, 2.0, 3.0])}
    with pytest.raises(TrainingFailed, match="b is nan at step 12 "):
        require_finite(scalars, 10)
    require_finite({"c": scalars["c"]}, 10)


def test_a_weight_that_is_not_finite_is_named_and_not_saved():
    state = CountedState()
    state.weight.assign([np.nan])
    recorder = Recorder(state)
    with pytest.raises(TrainingFailed, match=r"weight is no longer finite at step 4 \(between steps 3 and 4\)"):
        take_steps(
            state,
            None,
            steps_of(state),
            total_steps=4,
            steps_per_call=2,
            save_every=4,
            outputs=recorder.outputs,
            shown=(),
        )
    assert recorder.of("save") == []


def test_steps_that_do_not_count_are_found():
    state = CountedState()
    with pytest.raises(TrainingFailed, match="2 steps from step 0 led to step 0"):
        take_steps(
            state,
            None,
            lambda iterator, count: {"loss": np.zeros(count)},
            total_steps=2,
            steps_per_call=2,
            save_every=2,
            outputs=Recorder(state).outputs,
            shown=(),
        )


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_call_takes_steps_in_one_graph_and_gives_means_over_the_replicas(replicas):
    strategy, _ = get_strategy(False, num_devices=replicas)
    with strategy.scope():
        state = CountedState()
    traces = []

    def step_on_replica(batch, step):
        traces.append(step)
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        return {"b": tf.cast(batch, tf.float32) + tf.cast(replica, tf.float32), "a": tf.cast(step, tf.float32)}

    run = CompiledLoop(strategy, step_on_replica, state)
    data = tf.data.Dataset.range(100)
    iterator = iter(
        strategy.distribute_datasets_from_function(
            lambda _: data.flat_map(lambda value: tf.data.Dataset.from_tensors(value).repeat(replicas))
        )
    )
    first = run(iterator, 3)
    assert list(first) == ["a", "b"] and first["a"].dtype == np.float32
    np.testing.assert_allclose(first["a"], [0, 1, 2])
    np.testing.assert_allclose(first["b"], np.arange(3) + (replicas - 1) / 2)
    second = run(iterator, 2)  # another number, the same graph
    np.testing.assert_allclose(second["b"], [3, 4] + np.full(2, (replicas - 1) / 2))
    assert state.current_step() == 5 and len(traces) <= 2 * replicas


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_stop_breaks_a_call_off_between_steps(replicas):
    strategy, _ = get_strategy(False, num_devices=replicas)
    with strategy.scope():
        state = CountedState()

    def step_on_replica(batch, step):
        tf.py_function(lambda: threading.Event().wait(0.02), [], tf.bool)
        return {"a": tf.cast(step, tf.float32)}

    run = CompiledLoop(strategy, step_on_replica, state)
    iterator = iter(strategy.distribute_datasets_from_function(lambda _: tf.data.Dataset.range(10**6)))
    recorder = Recorder(state)
    with pytest.raises(stop_request.Stopped) as raised, stop_request.listening([signal.SIGINT], owns_process=False):
        threading.Timer(2.0, signal.raise_signal, [signal.SIGINT]).start()
        take_steps(
            state,
            iterator,
            run,
            total_steps=100_000,
            steps_per_call=50_000,
            save_every=100_000,
            outputs=recorder.outputs,
            shown=(),
        )
    step = state.current_step()
    assert raised.value.exit_code == 130 and 0 < step < 1000
    assert recorder.of("extra") == [step] and recorder.of("save") == []
    ((_, first, rows),) = [entry for entry in recorder.written if entry[0] == "log"]
    assert first == 1 and rows == {"a": list(map(float, range(step)))}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    np.testing.assert_array_equal(run(iterator, 2)["a"], [step, step + 1])  # a later call is whole


@pytest.mark.parametrize("start", [1, 2, 3, 4])
def test_events_do_not_depend_on_where_a_run_resumes(start):
    state = CountedState()
    state.step.assign(start)
    recorder = taken(state, 9, per_call=2, save_every=5)
    assert recorder.of("events") == [step for step in (2, 4, 5, 7, 9) if step > start]


def test_the_step_goes_through_the_batch_in_parts_if_asked_for():
    gan = GANS["modular"].make()
    state = TrainState(gan)
    assert type(make_step(gan, state)) is TrainStep
    accumulated = make_step(gan, state, 4)
    assert type(accumulated) is AccumulatedStep and accumulated.parts == 4


def batches_of(case):
    """The input of training, as `train` takes it."""

    def batches(first_step, shard=(0, 1)):
        assert shard == (0, 1)
        stream = [case.batch(step) for step in range(first_step, 12)]
        stacked = {name: np.stack([batch[name] for batch in stream]) for name in stream[0]}
        return tf.data.Dataset.from_tensor_slices((stacked,))

    return batches


def trained(case, folder, total, per_call=1000, save_every=1000, restore=False):
    """({name: array} of the state, `Recorder`, steps of `on_checkpoint`) after training to a step."""
    keras.utils.set_random_seed(0)
    gan, seen = case.make(), []
    state = TrainState(gan)
    checkpoints = Checkpoints(folder, state, keep=9)
    if restore:
        assert checkpoints.restore_latest() is not None
    recorder = Recorder(state)
    train(
        strategy=tf.distribute.get_strategy(),
        gan=gan,
        state=state,
        batches=batches_of(case),
        seed=3,
        total_steps=total,
        run_config=RunConfig(iterations_per_loop=per_call, save_checkpoints_steps=save_every),
        outputs=Outputs(checkpoints, recorder, recorder, recorder),
        on_checkpoint=seen.append,
        restored=restore,
    )
    return {name: variable.numpy() for name, variable in state.variables().items()}, recorder, seen


def test_a_run_in_parts_ends_with_the_same_bits(tmp_path):
    case = GANS["s3gan"]
    whole, recorder, seen = trained(case, tmp_path / "whole", 5)
    assert seen == [0, 5] and recorder.of("log") == [1]
    assert {"loss/d_0", "loss/g"} == recorder.written[2][2].keys() == set(loop.SHOWN)  # of the progress
    _, _, seen = trained(case, tmp_path / "parts", 3, per_call=2, save_every=2)
    assert seen == [0, 2, 3]
    parts, recorder, seen = trained(case, tmp_path / "parts", 5, per_call=1, restore=True)
    assert seen == [5] and recorder.of("log") == [4, 5]
    assert parts.keys() == whole.keys()
    for name, value in whole.items():
        np.testing.assert_array_equal(parts[name], value, err_msg=name)


def test_a_restored_step_0_is_neither_saved_nor_initialised_again(tmp_path):
    case = GANS["modular_weight_norm"]
    start, _, seen = trained(case, tmp_path, 0)
    assert seen == [0]
    files = {path: path.read_bytes() for path in tmp_path.glob("model.ckpt-0.*")}
    again, _, seen = trained(case, tmp_path, 0, restore=True)
    assert seen == [] and len(files) == 2 and all(path.read_bytes() == content for path, content in files.items())
    for name, value in start.items():
        np.testing.assert_array_equal(again[name], value, err_msg=name)


def test_weight_norm_starts_from_the_first_batch_and_the_average_with_it(tmp_path):
    case = GANS["modular_weight_norm"].with_bindings("ModularGAN.g_use_ema = True")
    gan = case.make()
    state = TrainState(gan)
    nothing, saved = NoOutputs(), {}

    class First(NoOutputs):
        def save(self):
            if not saved:
                saved.update({name: variable.numpy() for name, variable in state.variables().items()})

    train(
        strategy=tf.distribute.get_strategy(),
        gan=gan,
        state=state,
        batches=batches_of(case),
        seed=3,
        total_steps=1,
        run_config=RunConfig(),
        outputs=Outputs(First(), nothing, nothing, nothing),
        on_checkpoint=lambda step: None,
    )
    averaged = {name: value for name, value in saved.items() if name.endswith("/ExponentialMovingAverage")}
    assert len(averaged) == len(gan.generator.trainable_variables)
    for name, value in averaged.items():
        np.testing.assert_array_equal(value, saved[name.removesuffix("/ExponentialMovingAverage")], err_msg=name)
    fresh = TrainState(case.make()).variables()
    gains = [name for name in fresh if name.startswith("generator/") and name.endswith("/g")]
    assert gains and all(np.any(saved[name] != fresh[name].numpy()) for name in gains)
