"""One run, from a checked configuration to the report: train, score, draw. The only module that sees every part."""

import functools
import os
import time

import tensorflow as tf

from compare_gan2 import configuration
from compare_gan2.datasets import facts
from compare_gan2.datasets.pipeline import training_batches
from compare_gan2.datasets.training_labels import with_inferred
from compare_gan2.evaluation.schedule import described
from compare_gan2.metrics import registry
from compare_gan2.reporting.curves import plot_curves
from compare_gan2.reporting.progress import Progress, duration
from compare_gan2.reporting.tensorboard import EventWriter
from compare_gan2.session import Session
from compare_gan2.training import loop
from compare_gan2.training.checkpoints import checkpoint_path
from compare_gan2.training.cluster import cluster_of
from compare_gan2.training.lifeline import connected
from compare_gan2.training.silent import Silent

POLL_SECONDS = 60
PATIENCE_SECONDS = 24 * 3600


def run(flags):
    """Runs the bound schedule in `flags.model_dir`; `configuration.parse` comes first.

    Raises:
        ConfigError: before any training, for whatever cannot be run.
        TrainingFailed: if training diverges.
    """
    cluster = cluster_of(flags.workers, flags.worker_index, os.environ.get("TF_CONFIG"))
    with connected(cluster, flags.worker_timeout, configuration.bound(), tf.errors.OpError) as lifeline:
        _run(Session(flags, lifeline))


def _run(session):
    session.announce()
    if not session.is_chief:
        _follow(session)
        return
    if session.is_complete():
        _tell_workers(session, "done")
        print(f"{session.directory.path}: nothing left to do, this run is done. {_summary(session)}")
        return
    if session.run_config.schedule == "continuous_eval":
        evaluate_continuously(session)
        return
    with session.directory.writing():
        session.infer_labels()
        train(session)
        if session.scoring:
            session.scoring.score_pending()
        draw(session)
    print(f"done: {_summary(session)}")


def train(session):
    """Restores, trains to the last step and leaves checkpoints, log, events and sample grids."""
    directory, state, checkpoints = session.directory, session.state, session.checkpoints
    total = session.options.training_steps
    step = checkpoints.restore_latest()
    if step is not None:
        name = checkpoint_path(directory.path, step).name
        print(f"resumes from step {step} (checkpoint {name})", flush=True)
    _tell_workers(session, "new" if step is None else step)
    session.log.truncate_after(step or 0)
    if state.current_step() >= total:
        if session.resolved.keys() - directory.recorded().keys():  # migrated: our flags are missing
            directory.record(state.current_step(), session.resolved)
        directory.mark_done()
        return
    directory.mark_done(False)  # an evaluator beside this process waits for what comes
    directory.record(state.current_step(), session.resolved, configuration.imports())
    facts.write(directory.path, session.labelled, session.facts)
    started = time.monotonic()
    with EventWriter(directory.path) as events, _progress(session) as progress:
        events.text(state.current_step(), "gin/operative_config", _as_markdown(session.resolved))
        _train(session, checkpoints, session.log, events, progress, functools.partial(_on_checkpoint, session))
    directory.mark_done()
    print(f"trained to step {total} in {duration(time.monotonic() - started)}", flush=True)


def _tell_workers(session, start):
    """Tells the other workers, if any, from where training goes on; see `Lifeline.start_at`."""
    if session.lifeline is not None:
        session.lifeline.start_at(start)


def _follow(session):
    """Trains with the chief, writes nothing, and returns when the chief has done all its work."""
    start = session.lifeline.wait_for_start()
    if start.isdecimal():
        session.checkpoints.restore(int(start))
    if start != "done" and session.state.current_step() < session.options.training_steps:
        if session.pretraining is not None:
            session.dataset = with_inferred(session.pretraining.dataset, session.pretraining.made())
        silent = Silent()
        _train(session, silent, silent, silent, silent, silent.on_checkpoint)
    session.lifeline.wait_for_chief()


def _train(session, checkpoints, log, events, progress, on_checkpoint):
    loop.train(
        strategy=session.strategy,
        gan=session.gan,
        state=session.state,
        batches=functools.partial(_batches, session),
        seed=session.seed,
        checkpoints=checkpoints,
        run_config=session.run_config,
        log=log,
        events=events,
        progress=progress,
        on_checkpoint=lambda step: on_checkpoint(step, events, progress),
    )


def _progress(session):
    images = session.options.batch_size * session.gan.batches_per_step
    return Progress(session.options.training_steps, session.state.current_step(), "training", images)


def _batches(session, first_step, shard=(0, 1)):
    return training_batches(
        session.dataset,
        batch_size=session.options.batch_size,
        sub_batches=session.gan.batches_per_step,
        seed=session.seed,
        latents=session.latents,
        z_dim=session.options.z_dim,
        conditional=session.gan.conditional,
        fit_label_distribution=session.gan.fit_label_distribution,
        data_seed=session.data_seed,
        start_step=first_step,
        random_flip=session.random_flip,
        shard=shard,
    )


def _on_checkpoint(session, step, events, progress):
    with progress.paused():
        _picture_of(session, step, events, progress)
        if session.run_config.schedule == "train_and_eval" and session.scoring.wants(step):
            session.scoring.score_pending()


def _picture_of(session, step, events, progress):
    try:
        events.image(step, "fake_images", session.pictures.of_checkpoint(step))
    except ValueError as error:  # NaN in the images: the loss of the next step ends the run
        progress.message(f"step {step}: no picture, {error}")


def evaluate_continuously(session):
    """Scores checkpoints as another process writes them; ends when that one is done or nothing comes for a day."""
    session.directory.require_folder()
    session.infer_labels()
    waiting_since = time.monotonic()
    while True:
        finished = session.directory.done_marker.exists()  # read before looking for checkpoints, so none is missed
        if session.scoring.pending():
            session.scoring.score_pending()
            waiting_since = time.monotonic()
        elif finished:
            break
        elif time.monotonic() - waiting_since > PATIENCE_SECONDS:
            print("no new checkpoint for a day: stops")
            return
        else:
            time.sleep(POLL_SECONDS)
    print(f"done: {_summary(session)}")


def draw(session):
    """Writes the pictures of the finished run: samples, real beside generated, curves."""
    path, step = session.directory.path, session.last_step
    try:
        session.pictures.of_finished_run(step)
    except ValueError as error:  # NaN in the images
        print(f"warning: no pictures of step {step}, {error}", flush=True)
    scores = session.scores.read() if session.scoring else []
    log = session.log.read()
    if scores or len(log.get("step", ())):  # neither in a migrated run that had all its steps
        plot_curves(path / "curves.png", log, scores, path.name, registry.titles())


def _summary(session):
    """One line: what was reached and where everything lies."""
    rows = [row for row in session.scores.read() if row.step == session.last_step]
    reached = ", ".join(described(row) for row in rows) or "not scored"
    first = next((row.value for row in session.scores.read() if row.metric == "fid" and row.step == 0), None)
    last = next((row.value for row in rows if row.metric == "fid"), None)
    if first and last and session.last_step:
        reached += f" (FID {first / last:.1f}x below the untrained generator's)"
    files = [session.scores.path, *(session.directory.path / name for name in ("samples.png", "curves.png"))]
    written = ", ".join(["checkpoints", *(path.name for path in files if path.exists())])
    return f"step {session.last_step}: {reached}; {written} in {session.directory.path}"


def _as_markdown(resolved):
    return "\n".join(f"    {name} = {value}" for name, value in resolved.items())
