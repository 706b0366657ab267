"""One run, from a configuration to the report: open data, check, infer labels, build, train, score, draw."""

import contextlib
import functools
import os
import time

import tensorflow as tf

from compare_gan2.datasets.pipeline import training_batches
from compare_gan2.datasets.sources.record_files import damage_named
from compare_gan2.distribution.cluster import cluster_of
from compare_gan2.distribution.no_outputs import NoOutputs
from compare_gan2.distribution.reproducible import reproducible
from compare_gan2.distribution.worker_connections import connected
from compare_gan2.ground import disks
from compare_gan2.ground.cache_folder import default_cache_dir
from compare_gan2.ground.disks import failures_named
from compare_gan2.ground.errors import CheckpointError
from compare_gan2.ground.messages import log
from compare_gan2.ground.progress import Progress, duration
from compare_gan2.metrics import registry
from compare_gan2.reporting.events import Events
from compare_gan2.reporting.tensorboard import HYPERPARAMETERS
from compare_gan2.run_folder import checkpoint_room, dataset_record
from compare_gan2.run_folder.checkpoint_files import checkpoint_path, checkpoint_steps
from compare_gan2.run_folder.checkpoints import Checkpoints
from compare_gan2.runs.cost import CostMeter
from compare_gan2.runs.dry_run import dry_run, require_training_in_one_process
from compare_gan2.runs.make_good import PICTURE, REAL_PICTURE, make_good
from compare_gan2.runs.prepare import prepare
from compare_gan2.runs.run_summary import RunSummary
from compare_gan2.runs.sample_pictures import RunPictures
from compare_gan2.runs.settings import read_settings
from compare_gan2.runs.warnings import label_warnings
from compare_gan2.runs.watch import Watch
from compare_gan2.training import loop

POLL_SECONDS = 60
PATIENCE_SECONDS = 24 * 3600


def run(config, command):
    """Runs the schedule that a configuration binds, in `command.model_dir`; returns its `RunFiles`.

    Args:
        config: `Configuration`.
        command: `CommandOptions`.

    Raises:
        ConfigError: before any training, for whatever cannot be run.
        TrainingFailed: if training diverges.
    """
    settings = read_settings(config, command)
    cluster = cluster_of(command.workers, command.worker_index, os.environ.get("TF_CONFIG"))
    if command.dry_run:
        require_training_in_one_process(settings.run, cluster)
    with (
        connected(cluster, command.worker_timeout, config.text, tf.errors.OpError) as connections,
        reproducible(settings.seed),
        contextlib.ExitStack() as stack,
    ):
        caches = (settings.evaluation.cache_dir, default_cache_dir())
        stack.enter_context(failures_named(command.model_dir, filter(None, caches), lambda: _last_good(command)))
        this = prepare(config, settings, connections)
        stack.callback(this.sinks.close)
        announce(this)
        if not this.devices.is_chief:
            _follow_chief(this)
        elif this.files.is_complete(settings, this.scoring):
            _start_workers(this, "done")
            log.info(f"{this.files.path}: nothing left to do, this run is done. {this.files.summary()}")
        elif command.dry_run:
            dry_run(this, functools.partial(_batches, this))
        elif settings.run.schedule == "continuous_eval":
            evaluate_continuously(this)
        else:
            with this.files.directory.writing():
                infer_labels(this)
                train(this)
                score(this)
                draw(this)
                this.files.record_completion(command.asked)
            log.info(f"done: {this.files.summary()}")
        return this.files


def announce(this):
    """Reports the folder, devices and data of a run, and what is probably not intended."""
    log.info(f"model_dir: {this.files.path}")
    log.info(f"devices: {this.devices.description}")
    if not this.devices.is_chief:
        return
    this.data.announce(this.model.gan.conditional)
    if this.started_from:
        log.info(this.started_from)
    for warning in (*this.warnings, *label_warnings(this)):
        log.warning(warning)
    if this.settings.run.schedule != "continuous_eval" and this.files.last_step < this.settings.options.training_steps:
        RunSummary(this).show()


def infer_labels(this):
    """Infers the labels of training if configured, and warns of what is probably not intended about them."""
    if this.data.inference is None:
        return
    this.data.infer_labels(this.files.path, this.count_labels)
    this.use_label_distribution()
    for warning in label_warnings(this):
        log.warning(warning)


def train(this):
    """Restores, trains to the last step and leaves checkpoints, log, events and sample grids."""
    files, state, total = this.files, this.model.state, this.settings.options.training_steps
    checkpoints = _checkpoints(this)
    watch = Watch(this, checkpoints)
    step = checkpoints.restore_latest()
    if step is None and this.model.awaits_checkpoint:
        raise CheckpointError(
            f"{files.path}: its checkpoints were removed as the run started; the same command restarts"
        )
    if (step or 0) < total:
        checkpoint_room.require_room(files.path, state, total, this.settings.run)
    if step is not None:
        log.info(f"resumes from step {step} (checkpoint {checkpoint_path(files.path, step).name})")
    _start_workers(this, "new" if step is None else step)
    files.log.truncate_after(step or 0)
    watch.restored(step or 0)
    recorded = set() if step is None else make_good(files, step, _pictures(this), this.scoring)
    if step is not None and this.settings.run.schedule == "train_and_eval":
        score(this)  # before later checkpoints push these out
    if state.current_step() >= total and (files.directory.done_marker.exists() or not files.log.read()):
        # Done, or migrated; else the last checkpoint may be one that the watchdog has stopped at.
        if this.record.keys() - files.directory.recorded().keys():  # migrated: our flags are missing
            files.directory.record(state.current_step(), this.record)
        files.directory.mark_done()
        return
    files.directory.mark_done(False)  # an evaluator in another process waits for new checkpoints
    files.directory.record(state.current_step(), this.record, this.imports)
    dataset_record.write(files.path, this.data.given, this.data.record)
    this.sinks.open()
    started = time.monotonic()
    per_step = this.settings.options.batch_size * this.model.gan.batches_per_step
    with (
        Events(files.path, this.sinks) as events,
        Progress(total, state.current_step(), "training", per_step) as progress,
    ):
        _show_start(this, events, recorded)
        checkpoints.before_save = lambda: (files.log.seal(), events.flush())
        patient = (disks.Waiting(output, files.path) for output in (checkpoints, files.log, events))
        outputs = loop.Outputs(*patient, progress)
        watchdog = watch.watchdog(events, progress)
        log.info("compiling the step ...")
        every = this.settings.run.save_checkpoints_steps
        cost = CostMeter(files.cost, state.current_step(), per_step, every, this.devices.description)
        on_checkpoint = functools.partial(_on_checkpoint, this, events, progress, watchdog, cost)
        patient_checkpoint = functools.partial(disks.patiently, files.path, on_checkpoint)
        meter = RunSummary(this, progress.message)
        _train(this, outputs, patient_checkpoint, step is not None, watchdog, meter)
    files.directory.mark_done()
    log.info(f"trained to step {total} in {duration(time.monotonic() - started)}")


def _show_start(this, events, recorded):
    """Shows what does not change while a run trains, unless it is among the {(tag, step)} of recorded events."""
    step = int(this.files.directory.newest_record.stem.rpartition("-")[2])  # a resumed run is not another one
    if ("gin/operative_config", step) not in recorded:
        text = "\n".join(f"    {name} = {value}" for name, value in this.record.items())  # as code in Markdown
        events.text(step, "gin/operative_config", text)
    if (HYPERPARAMETERS, 0) not in recorded:
        events.hyperparameters(this.files.path.name, this.hyperparameters)
    if (REAL_PICTURE, 0) not in recorded and this.data.dataset.num_test:
        events.image(0, REAL_PICTURE, _pictures(this).of_real_images())


def score(this):
    """Scores every checkpoint that is due and not yet scored."""
    if this.scoring is not None:
        this.scoring.score_pending()


def draw(this):
    """Writes the pictures of a finished run: samples, real beside generated, curves."""
    from compare_gan2.reporting.curves import plot_curves  # here, since matplotlib takes long to import

    path, step = this.files.path, this.files.last_step
    try:
        _pictures(this).of_finished_run(step)
    except ValueError as error:  # NaN in the images
        log.warning(f"no pictures of step {step}, {error}")
    scores = this.files.scores.read() if this.scoring is not None else []
    rows = this.files.log.read()
    if scores or len(rows.get("step", ())):  # a migrated run that had all its steps has neither
        plot_curves(path / "curves.png", rows, scores, path.name, registry.titles())


def evaluate_continuously(this):
    """Scores checkpoints as another process writes them; ends when that is done or writes none for a day."""
    directory = this.files.directory
    directory.require_folder()
    infer_labels(this)
    waiting_since = time.monotonic()
    while True:
        finished = directory.done_marker.exists()  # read before looking for checkpoints, so that none is missed
        if this.scoring.pending():
            score(this)
            waiting_since = time.monotonic()
        elif finished:
            break
        elif time.monotonic() - waiting_since > PATIENCE_SECONDS:
            log.info("no new checkpoint for a day: stops")
            return
        else:
            time.sleep(POLL_SECONDS)
    log.info(f"done: {this.files.summary()}")


def _follow_chief(this):
    """Trains with the chief, writes nothing, and returns when the chief has done all its work."""
    connections, state = this.devices.connections, this.model.state
    start = connections.wait_for_start()
    if start.isdecimal():
        _checkpoints(this).restore(int(start))
    if start != "done" and state.current_step() < this.settings.options.training_steps:
        if this.data.inference is not None:
            this.data.take_inferred_labels()
        nothing = NoOutputs()
        _train(this, loop.Outputs(nothing, nothing, nothing, nothing), lambda step: None, start.isdecimal())
    connections.wait_for_chief()


def _start_workers(this, start):
    """Sends the other workers, if any, the checkpoint from which training resumes."""
    if this.devices.connections is not None:
        this.devices.connections.start_at(start)


def _train(this, outputs, on_checkpoint, restored, watchdog=None, meter=None):
    with damage_named(this.data.given.source):
        loop.train(
            strategy=this.devices.strategy,
            gan=this.model.gan,
            state=this.model.state,
            batches=functools.partial(_batches, this),
            seed=this.settings.seed,
            total_steps=this.settings.options.training_steps,
            run_config=this.settings.run,
            outputs=outputs,
            on_checkpoint=on_checkpoint,
            restored=restored,
            watch=watchdog,
            meter=meter,
        )


def _batches(this, first_step, shard=(0, 1)):
    settings, gan = this.settings, this.model.gan
    return training_batches(
        this.data.dataset,
        batch_size=settings.options.batch_size,
        sub_batches=gan.batches_per_step,
        seed=settings.seed,
        latents=settings.latents,
        z_dim=settings.options.z_dim,
        conditional=gan.conditional,
        fit_label_distribution=gan.fit_label_distribution,
        data_seed=settings.data.seed,
        start_step=first_step,
        random_flip=settings.data.random_flip,
        shard=shard,
    )


def _last_good(command):
    steps = checkpoint_steps(command.model_dir)
    return f"{checkpoint_path(command.model_dir, steps[-1])} is intact" if steps else "no checkpoint was saved"


def _on_checkpoint(this, events, progress, watchdog, cost, step):
    with cost.stopped_at(step), progress.paused():
        try:
            events.image(step, PICTURE, _pictures(this).of_checkpoint(step))
        except ValueError as error:  # NaN in the images: the loss of the next step ends the run
            progress.message(f"step {step}: no picture, {error}")
        watchdog.after_checkpoint(step)
        if this.settings.run.schedule == "train_and_eval" and this.scoring.wants(step):
            score(this)


def _checkpoints(this):
    keep = this.settings.run.keep_checkpoint_max
    if this.settings.watchdog.rolls_back:
        keep = max(keep, 2)  # the newest may be the one that is rolled back
    return Checkpoints(this.files.path, this.model.state, keep)


def _pictures(this):
    return RunPictures(this.files.path, this.sampler, this.ready, this.data.dataset)
