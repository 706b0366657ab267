"""Trains a run as a whole and with kills at random moments, each in processes of their own, and compares the two."""

import contextlib
import dataclasses
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from compare_gan2.diagnosis.run_comparison import compare_runs
from compare_gan2.ground.errors import ConfigError, TrainingFailed
from compare_gan2.ground.messages import log
from compare_gan2.run_folder.checkpoint_files import checkpoint_steps

POLL_SECONDS = 0.02
WAIT_OF_OTHERS = 180  # seconds in which a worker must notice that another one was killed


def compare_with_kills(arguments, *, kills, seed, num_workers, folder):
    """List of `Compared`, over all runs that were killed.

    Every other kill waits for a step that the session has to reach, so that it falls within training whatever a machine
    needs to start; the others come at any moment of the time that the reference took. A session that ends before its
    kill has finished its run: that run is compared, and another one begun, until there were as many kills as requested.

    Args:
        arguments: of `compare_gan2 train`: configuration and bindings.
        kills: number of kills.
        seed: of their moments, and of the worker that is killed.
        num_workers: processes of each run.
        folder: for all runs, missing or empty; None for a temporary one, which is removed if nothing differs.

    Raises:
        ConfigError: if the folder holds anything.
        TrainingFailed: if a process ends with an error that is not due to a kill, or hangs.
    """
    if folder is not None and pathlib.Path(folder).exists() and any(pathlib.Path(folder).iterdir()):
        raise ConfigError(f"--folder: expected an empty or a missing folder, got {folder}")
    temporary = folder is None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="compare_gan2_doctor_") if temporary else folder)
    folder.mkdir(parents=True, exist_ok=True)
    log.info(f"runs and their output are in {folder}")
    reference, draw = folder / "reference", random.Random(seed)
    began = time.monotonic()
    _session(arguments, reference, num_workers)
    length, total = time.monotonic() - began, max(checkpoint_steps(reference), default=0)
    log.info(f"reference: {length:.1f} s, step {total}")
    done, number, results = 0, 0, []
    while done < kills:
        number += 1
        run = folder / f"killed-{number}"
        while done < kills:
            kill = _Kill(draw.uniform(0, length), draw.randrange(num_workers))
            if done % 2 == 0 and _last_step(run) + 1 < total:
                kill = dataclasses.replace(kill, step=draw.randrange(_last_step(run) + 1, total))
            began = time.monotonic()
            if not _session(arguments, run, num_workers, kill):
                log.info(f"{run.name}: done before a kill {kill.when}")
                break
            done += 1
            who = f" of worker {kill.victim}" if num_workers > 1 else ""
            checkpoint = max(checkpoint_steps(run), default=None)
            log.info(
                f"kill {done} of {kills}{who}: {run.name} after {time.monotonic() - began:.1f} s, "
                f"last step {_last_step(run)}, "
                f"checkpoint {'none' if checkpoint is None else checkpoint}"
            )
        else:
            _session(arguments, run, num_workers)
        results.append((run.name, compare_runs(reference, run)))
    rows = [_joined(group) for group in zip(*([(name, row) for row in rows] for name, rows in results), strict=True)]
    if temporary and not any(row.different for row in rows):
        shutil.rmtree(folder)
    return rows


def _joined(group):
    """One `Compared` of those of several runs, whose differences name the run."""
    rows = [row for _, row in group]
    different = tuple(f"{name}: {each}" for name, row in group for each in row.different)
    return type(rows[0])(rows[0].what, sum(row.count for row in rows), different)


@dataclasses.dataclass(frozen=True)
class _Kill:
    """When a process is killed.

    Attributes:
        moment: seconds after the start.
        victim: number of the process.
        step: that the log has to name first, in place of the moment; None: at the moment.
    """

    moment: float
    victim: int
    step: int | None = None

    @property
    def when(self):
        """When it was to come, in words."""
        return f"after {self.moment:.1f} s" if self.step is None else f"at step {self.step}"

    def is_due(self, run, seconds):
        """Whether it is due so many seconds after the start."""
        return seconds >= self.moment if self.step is None else _last_step(run) >= self.step


def _session(arguments, run, num_workers, kill=None):
    """Whether the session was killed; False if it ended by itself.

    Args:
        arguments: of the command.
        run: folder of the run; the output of its processes is beside it.
        num_workers: processes.
        kill: `_Kill`; None lets the session end.
    """
    processes, outputs, began = [], [], time.monotonic()
    try:
        for index, flags in enumerate(_flags_of_workers(num_workers)):
            outputs.append(run.with_name(f"{run.name}-output-{index}.txt"))
            with open(outputs[-1], "ab") as file:
                command = [sys.executable, "-m", "compare_gan2.main", *arguments, f"--model_dir={run}", *flags]
                processes.append(subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT))
        if kill is not None:
            victim = processes[kill.victim]
            while victim.poll() is None and not kill.is_due(run, time.monotonic() - began):
                time.sleep(POLL_SECONDS)
            if victim.poll() is None:
                victim.kill()
                victim.wait()
                _wait_for_others(processes, kill.victim)
                return True
        for process, output in zip(processes, outputs, strict=True):
            if process.wait():
                last = (output.read_text(errors="replace").splitlines() or ["no output"])[-1]
                raise TrainingFailed(f"{run.name}: exit code {process.returncode}: {last} (all output: {output})")
        return False
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()


def _wait_for_others(processes, victim):
    for index, process in enumerate(processes):
        try:
            process.wait(WAIT_OF_OTHERS)
        except subprocess.TimeoutExpired:
            raise TrainingFailed(
                f"worker {index} still ran {WAIT_OF_OTHERS} s after worker {victim} was killed"
            ) from None


def _flags_of_workers(num_workers):
    if num_workers == 1:
        return [[]]
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(num_workers)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        addresses = ",".join(f"127.0.0.1:{each.getsockname()[1]}" for each in sockets)
    return [
        [f"--workers={addresses}", f"--worker_index={index}", "--worker_timeout=60"] for index in range(num_workers)
    ]


def _last_step(run):
    """Step of the last whole row of the log, which a kill may have cut; 0 without any."""
    path = run / "training.csv"
    rows = path.read_bytes().split(b"\n")[1:-1] if path.exists() else []
    return int(rows[-1].split(b",")[0]) if rows else 0
