"""Runs what a study lacks: each run is a process of its own with a log file, several at a time if asked."""

import contextlib
import ctypes
import dataclasses
import os
import re
import signal
import subprocess
import sys
import time

from compare_gan2.config import config_files
from compare_gan2.config.imports import are_imports_allowed
from compare_gan2.ground import stop_request
from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.ground.messages import log
from compare_gan2.run_folder import cost_log
from compare_gan2.run_folder.cost_log import CostLog
from compare_gan2.run_folder.scores import ScoresFile
from compare_gan2.studies.made_of import digest_of_config, digest_of_data
from compare_gan2.studies.plan import runs_of
from compare_gan2.studies.results import add_results, finished, read_results

_LAST_LINES = 8  # of a failed run's log
_PATIENCE = 30  # seconds for an interrupted run to end by itself
_INTERRUPTED = 130
_PARENT_DIED = 1  # PR_SET_PDEATHSIG
_STARTED = r"^--- (starts|resumes|goes on) with (.+) threads$"  # logs of older versions say "goes on"
# Only the first one changes the numbers of training.
_THREAD_VARIABLES = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclasses.dataclass(frozen=True)
class Failure:
    """A run that failed.

    Attributes:
        run: `PlannedRun`.
        code: exit code.
        log: last lines of its log.
    """

    run: object
    code: int
    log: str

    def text(self, folder):
        """Lines that name the run, its exit code and its log, with the end of the log indented."""
        first = f"failed: {self.run.name}, exit code {self.code}, {log_path(folder, self.run)} ends in:"
        return "\n".join([first, *(f"    {line}" for line in self.log.split("\n"))])


def training_command(run, folder):
    """The command of a run, as a list of arguments."""
    command = [sys.executable, "-m", "compare_gan2.main"]
    command += [f"--gin_config={config_files.find(name)}" for name in run.setting.files]
    command += [f"--gin_bindings={binding}" for binding in (*run.arguments, *run.seeded)]
    command += ["--allow_imports"] if are_imports_allowed() else []
    return [*command, f"--gin_bindings=run_config.tf_random_seed = {run.seed}", f"--model_dir={folder}"]


def run_missing(study, results, folder, jobs=1, command_of=training_command):
    """List of `Failure`, after running whatever has no rows in the results, in the order of the plan.

    The rows of each run are added when it ends. An interrupt ends the runs in progress, and is raised as `Stopped`.

    Args:
        study: `Study`.
        results: path of the CSV file.
        folder: path of the folder of all runs.
        jobs: runs at a time; with more than one, each gets its share of the cores.
        command_of: function of (`PlannedRun`, its folder) that returns the command.
    """
    done = finished(read_results(results))
    waiting = [run for run in runs_of(study) if (run.setting, run.seed) not in done]
    total, failures, training = len(waiting), [], {}
    if waiting and jobs > 1:
        log.info(f"threads for each run: {_threads(jobs)}; another number of them gives other rounding")
    with stop_request.listening(), _ended_when_interrupted(training):
        while waiting or training:
            if stop_request.requested():
                raise stop_request.stopped()
            while waiting and len(training) < jobs:
                run = waiting.pop(0)
                log.info(f"--- {total - len(waiting)} of {total}: {run.name}, log in {log_path(folder, run)}")
                made_of = digest_of_config(run.setting)
                process = _start(command_of(run, folder / run.name), run, folder, jobs)
                training[run] = process, time.monotonic(), made_of
            for run, ended in [item for item in training.items() if item[1][0].poll() is not None]:
                process, started, made_of = ended
                failure = _end(run, process.returncode, results, folder, (time.monotonic() - started) / 60, made_of)
                failures += [failure] if failure else []
                del training[run]
            time.sleep(0.1)
    return failures


def log_path(folder, run):
    """Path of the file with what a run printed."""
    return folder / f"{run.name}.log"


def state_of(run, rows, folder):
    """One of "finished", "failed (exit code N)", "unfinished" and "not started"."""
    if (run.setting, run.seed) in finished(rows):
        return "finished"
    code = re.search(r"^--- exit code (-?\d+)\n\Z", _text(log_path(folder, run)), re.MULTILINE)
    if code and int(code.group(1)) not in (0, _INTERRUPTED):
        return f"failed (exit code {code.group(1)})"
    return "unfinished" if log_path(folder, run).exists() or (folder / run.name).exists() else "not started"


def last_lines(folder, run):
    """The end of a run's log, without progress bars."""
    lines = [line.rsplit("\r", 1)[-1].rstrip() for line in _text(log_path(folder, run)).split("\n")]
    return "\n".join([line for line in lines if line and not line.startswith("--- ")][-_LAST_LINES:])


def _text(path):
    try:
        with open(path, "rb") as file:
            file.seek(max(0, path.stat().st_size - 2**16))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""


def _start(command, run, folder, jobs):
    environment = dict(os.environ)
    if jobs > 1:
        for name in _THREAD_VARIABLES:
            environment.setdefault(name, _threads(jobs))
    how = "resumes" if (folder / run.name).exists() else "starts"
    _write(f"--- {how} with {environment.get(_THREAD_VARIABLES[0]) or _threads(1)} threads", folder, run)
    with open(log_path(folder, run), "ab") as file:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # so that Ctrl-C reaches only this process, which interrupts the run
            preexec_fn=_prepare,
        )


def _threads(jobs):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return str(max(1, cores // jobs))


def _threads_of(run, folder):
    """Numbers of threads of a run since its folder was new, such as "2" or "1 and 2"."""
    text = log_path(folder, run).read_text(errors="replace")
    lines = [("starts", "unknown"), *re.findall(_STARTED, text, re.MULTILINE)]
    start = max(number for number, (how, _) in enumerate(lines) if how == "starts")
    return " and ".join(sorted({threads for _, threads in lines[start:]}))


def _prepare():
    """Makes a run end when its study is killed; else it would still lock its folder when the study resumes."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored in a study that is a background job
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGTERM)


def _end(run, code, results, folder, minutes, made_of):
    """None after adding the rows of a run that succeeded; else its `Failure`."""
    if code == 0:
        scores = folder / run.name / "scores.csv"
        if problem := _problem_of(scores):
            code = 1
            _write(f"error: {problem}", folder, run)
        else:
            digests = {"config_digest": made_of, "data_digest": digest_of_data(folder / run.name)}
            add_results(results, run, scores, _seconds(folder / run.name), threads=_threads_of(run, folder), **digests)
    _write(f"--- exit code {code}", folder, run)
    log.info(f"--- {'finished' if code == 0 else 'FAILED'} after {minutes:.1f} minutes: {run.name}")
    return Failure(run, code, last_lines(folder, run)) if code else None


def _seconds(folder):
    """{step: seconds of training}; {} if the run's record of them is damaged."""
    try:
        return CostLog(folder / cost_log.NAME).seconds_at_steps()
    except DamagedFileError as error:
        log.warning(f"{error}; the results get no times of this run")
        return {}


def _problem_of(scores):
    """What is wrong with the scores.csv of a run; None if nothing is."""
    try:
        if ScoresFile(scores).read():
            return None
    except DamagedFileError as error:
        return error
    return "the run left no scores; expected run_config.schedule = 'eval_after_train'"


def _write(line, folder, run):
    """Adds a line to the log of a run, below a line that a kill may have cut."""
    path = log_path(folder, run)
    path.parent.mkdir(parents=True, exist_ok=True)
    cut = not f"\n{_text(path)}".endswith("\n")
    with open(path, "a") as file:
        file.write(f"\n{line}\n" if cut else f"{line}\n")


@contextlib.contextmanager
def _ended_when_interrupted(training):
    """Context manager: when it raises, the processes in `training` are ended; requests to stop do not raise in it.

    Raised while a process is being started, a request would leave that one running.
    """
    with stop_request.deferred("stopping the runs in progress ..."):
        try:
            yield
        except BaseException:
            _end_all([process for process, *_ in training.values()])
            raise


def _end_all(processes):
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            if process.poll() is None:
                process.send_signal(ending)
        deadline = time.monotonic() + _PATIENCE
        while any(process.poll() is None for process in processes) and time.monotonic() < deadline:
            time.sleep(0.05)
