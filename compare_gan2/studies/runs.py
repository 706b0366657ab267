"""The runs of a study: each a process of its own, some at a time, with a log file; what is finished is not run."""

import contextlib
import ctypes
import dataclasses
import os
import re
import signal
import subprocess
import sys
import time

from compare_gan2.configuration import ConfigError
from compare_gan2.reporting.files import DamagedFileError
from compare_gan2.reporting.scores import ScoresFile
from compare_gan2.studies.plan import config_path, runs_of
from compare_gan2.studies.results import add_results, finished, read_results

_LAST_LINES = 8  # of a failed run's log
_PATIENCE = 30  # seconds that an interrupted run has to end by itself
_INTERRUPTED = 130
_PARENT_DIED = 1  # PR_SET_PDEATHSIG
# The first one alone changes the numbers of training.
_THREAD_VARIABLES = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclasses.dataclass(frozen=True)
class Failure:
    """A run that did not end well: its exit code, and the last lines of its log."""

    run: object
    code: int
    log: str


def training_command(run, folder):
    """The command of a run, as a list of arguments."""
    command = [sys.executable, "-m", "compare_gan2.main", f"--gin_config={config_path(run.setting.config)}"]
    command += [f"--gin_bindings={binding}" for binding in run.arguments]
    return [*command, f"--gin_bindings=run_config.tf_random_seed = {run.seed}", f"--model_dir={folder}"]


def run_missing(study, results, folder, jobs=1, command_of=training_command):
    """Runs whatever has no rows in the results, in the order of the plan, and adds the rows of each run that ends.

    Args:
        study: `Study`.
        results: path of the CSV file.
        folder: path of the folder of all runs.
        jobs: runs at a time; with more than one, each gets its share of the cores.
        command_of: function of (run, its folder) that gives the command.

    Returns:
        List of `Failure`. An interrupt ends the runs that go on, and is raised again.
    """
    done = finished(read_results(results))
    waiting = [run for run in runs_of(study) if (run.setting, run.seed) not in done]
    total, failures, going = len(waiting), [], {}
    if waiting and jobs > 1:
        print(f"threads for each run: {_threads(jobs)}; another number of them gives other rounding", flush=True)
    with _ended_when_interrupted(going):
        while waiting or going:
            while waiting and len(going) < jobs:
                run = waiting.pop(0)
                print(f"--- {total - len(waiting)} of {total}: {run.name}, log in {log_path(folder, run)}", flush=True)
                going[run] = _start(command_of(run, folder / run.name), run, folder, jobs), time.monotonic()
            for run, (process, started) in [item for item in going.items() if item[1][0].poll() is not None]:
                failure = _end(run, process.returncode, results, folder, (time.monotonic() - started) / 60)
                failures += [failure] if failure else []
                del going[run]
            time.sleep(0.1)
    return failures


def log_path(folder, run):
    """Path of the file that holds what a run printed."""
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
    """The end of a run's log, without the bars of its progress."""
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
    how = "goes on" if (folder / run.name).exists() else "starts"
    _write(f"--- {how} with {environment.get(_THREAD_VARIABLES[0]) or _threads(1)} threads", folder, run)
    with open(log_path(folder, run), "ab") as file:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # an interrupt from the keyboard reaches this process alone, which passes it on
            preexec_fn=_prepare,
        )


def _threads(jobs):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return str(max(1, cores // jobs))


def _threads_of(run, folder):
    """Numbers of threads that a run had since its folder was new, such as "2" or "1 and 2"."""
    text = log_path(folder, run).read_text(errors="replace")
    lines = [("starts", "unknown"), *re.findall(r"^--- (starts|goes on) with (.+) threads$", text, re.MULTILINE)]
    start = max(number for number, (how, _) in enumerate(lines) if how == "starts")
    return " and ".join(sorted({threads for _, threads in lines[start:]}))


def _prepare():
    """Makes a run end with a study that is killed, else it would hold its folder when the study goes on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored in a study that is a background job
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGTERM)


def _end(run, code, results, folder, minutes):
    """Adds the rows of a run that ended well; a `Failure` otherwise."""
    if code == 0:
        scores = folder / run.name / "scores.csv"
        if problem := _problem_of(scores):
            code = 1
            _write(f"error: {problem}", folder, run)
        else:
            add_results(results, run, scores, _threads_of(run, folder))
    _write(f"--- exit code {code}", folder, run)
    print(f"--- {'finished' if code == 0 else 'FAILED'} after {minutes:.1f} minutes: {run.name}", flush=True)
    return Failure(run, code, last_lines(folder, run)) if code else None


def _problem_of(scores):
    """What is wrong with the scores.csv that a run left; None if nothing is."""
    try:
        if ScoresFile(scores).read():
            return None
    except DamagedFileError as error:
        return error
    return "the run left no scores; expected run_config.schedule = 'eval_after_train'"


def _write(line, folder, run):
    """Adds a line to the log of a run, below the line that a kill may have cut."""
    path = log_path(folder, run)
    path.parent.mkdir(parents=True, exist_ok=True)
    cut = not f"\n{_text(path)}".endswith("\n")
    with open(path, "a") as file:
        file.write(f"\n{line}\n" if cut else f"{line}\n")


@contextlib.contextmanager
def _ended_when_interrupted(going):
    """Within it SIGTERM is as good as Ctrl-C; when something is raised, the processes in `going` are ended first."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    except BaseException:
        processes = [process for process, _ in going.values()]
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            for process in processes:
                if process.poll() is None:
                    process.send_signal(ending)
            deadline = time.monotonic() + _PATIENCE
            while any(process.poll() is None for process in processes) and time.monotonic() < deadline:
                time.sleep(0.05)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number, frame):
    raise KeyboardInterrupt


def check_jobs(jobs):
    """Raises a `ConfigError` for a number of jobs that makes no sense."""
    if jobs < 1:
        raise ConfigError(f"--jobs: expected 1 or more, got {jobs}")
