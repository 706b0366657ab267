"""Tiny runs on the embedded digits through the real command line, in this process or in one of their own."""

import collections
import contextlib
import io
import os
import pathlib
import signal
import subprocess
import sys
import time

import tensorflow as tf

from compare_gan2 import main
from support.forked_command import ForkedCommand

ROOT = pathlib.Path(main.__file__).resolve().parent.parent
TRAIN_ONLY = "--schedule=train"
BINDINGS = {
    "options.batch_size": 16,
    "options.z_dim": 16,
    "options.training_steps": 6,
    "ModularGAN.ema_start_step": 2,
    "resnet_biggan.Generator.ch": 4,
    "resnet_biggan.Discriminator.ch": 4,
    "standing_statistics.num_samples": 64,
    "run_config.save_checkpoints_steps": 3,
    "run_config.iterations_per_loop": 2,
    "run_config.single_core": True,
}
# For `arguments`, where it does not matter which networks they are: those of `tiny_architecture`, which processes that
# tests start by `start_python` do not know, ...
TINY = {
    "options.architecture": "'tiny_arch'",
    "resnet_biggan.Generator.ch": None,
    "resnet_biggan.Discriminator.ch": None,
}
# ... and some that every process knows and traces in a few seconds.
QUICK = {
    "options.architecture": "'dcgan_arch'",
    "dcgan.Generator.ch": 4,
    "dcgan.Discriminator.ch": 4,
    "resnet_biggan.Generator.ch": None,
    "resnet_biggan.Discriminator.ch": None,
}

Result = collections.namedtuple("Result", ["code", "out", "err"])


def arguments(model_dir, *flag_texts, config="s3gan.gin", **bindings):
    """Command line of a tiny run; `options__z_dim=8` binds options.z_dim, and None leaves out what is bound here."""
    bound = BINDINGS | {name.replace("__", "."): value for name, value in bindings.items()}
    texts = [f"--gin_bindings={name} = {value}" for name, value in bound.items() if value is not None]
    folder = [] if model_dir is None else [f"--model_dir={model_dir}"]
    return [f"--gin_config={config}", *texts, "--num_eval_averaging_runs=1", *folder, *flag_texts]


def in_process(*given, **bindings):
    """`Result` of `main` with `arguments(*given, **bindings)`, called here: no new imports."""
    return command(*arguments(*given, **bindings))


def quick(*given, **bindings):
    """`in_process` on the smallest networks."""
    return in_process(*given, **TINY | bindings)


def command(*texts):
    """`Result` of `main` with these arguments, called here."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main.main(list(texts))
    return Result(code, out.getvalue(), err.getvalue())


def start(*given, cwd=None, **bindings):
    """Process of its own that runs `main` with `arguments(*given, **bindings)`, forked with TensorFlow imported."""
    return ForkedCommand("compare_gan2.main", arguments(*given, **bindings), cwd, _environment())


def forked_popen(command, stdout, stderr):
    """Stands in for `subprocess.Popen` of a Python module whose output goes to one file."""
    python, flag, module, *arguments = command
    assert (python, flag, stderr) == (sys.executable, "-m", subprocess.STDOUT)
    return ForkedCommand(module, arguments, None, _environment(), stdout.name)


def start_script(path, *arguments, cwd=None):
    """Process of its own that runs a script, forked with TensorFlow imported."""
    return ForkedCommand(path, arguments, cwd, _environment())


def start_python(*command, cwd=None):
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in a background job, and its children would inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=cwd,
        env=_environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _environment():
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("TPU_NAME", None)
    return environment


def result(process, timeout=300):
    """`Result` of a process, once it has ended."""
    out, err = process.communicate(timeout=timeout)
    return Result(process.returncode, out, err)


def wait_for_rows(process, model_dir, more_than, timeout=300):
    """Returns as soon as training.csv has more rows than this."""
    end = time.monotonic() + timeout
    while rows(model_dir) <= more_than:
        assert process.poll() is None, f"ended with {process.returncode}: {process.communicate()}"
        assert time.monotonic() < end, f"{rows(model_dir)} rows after {timeout} s"
        time.sleep(0.005)


def rows(model_dir):
    """Number of complete rows of training.csv, 0 without a file."""
    with contextlib.suppress(FileNotFoundError):
        return max((model_dir / "training.csv").read_bytes().count(b"\n") - 1, 0)
    return 0


def error_line(result):
    """The message of a run that was refused or failed; asserts that it is one, and no traceback."""
    assert "Traceback" not in result.err + result.out
    lines = [line for line in result.err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, result.err
    return result.err[result.err.index(lines[0]) :].strip()


def values(model_dir, step):
    """{name: array} of all that a checkpoint holds."""
    reader = tf.train.load_checkpoint(str(model_dir / f"model.ckpt-{step}"))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map() if "OBJECT_GRAPH" not in name}


def snapshot(folder):
    """{relative path: (bytes, modification time in ns)} of every file below a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
