"""Commands in processes of their own that begin with TensorFlow imported, which a fresh interpreter takes 7 s for.

They are forked from a server, which imports once and runs nothing; what they do is what `python -m` does. What a test
wants to see of the start itself needs a fresh interpreter (`tiny_run.start_python`).
"""

import importlib
import multiprocessing
import multiprocessing.forkserver
import os
import pathlib
import runpy
import signal
import subprocess
import sys
import tempfile
from unittest import mock

_CONTEXT = multiprocessing.get_context("forkserver")
_IMPORTED = f"{__package__}.imported_tensorflow"
_TESTS = pathlib.Path(__file__).parents[1]


class ForkedCommand:
    """`python -m module arguments`, or `python file arguments`, as `subprocess.Popen` has it, as far as tests use that.

    Args:
        command: name of a module with a function `main` that returns the exit code, or path of a script.
        arguments: list of texts.
        cwd: working directory; None for that of this process.
        environment: {name: text}, all of it.
        output: file to which all output is appended; None for what `communicate` returns.
    """

    def __init__(self, command, arguments, cwd, environment, output=None):
        _start_server()
        self._folder = tempfile.TemporaryDirectory()
        self._outputs = [pathlib.Path(self._folder.name, name) for name in ("out", "err")]
        if output is not None:
            self._outputs = [pathlib.Path(output).absolute()] * 2
        given = (str(command), list(arguments), str(cwd or pathlib.Path.cwd()), dict(environment), self._outputs)
        self._process = _CONTEXT.Process(target=_run, args=given, daemon=True)
        self._process.start()

    stdin = stdout = stderr = None  # what others would close: the output is in files

    @property
    def pid(self):
        return self._process.pid

    @property
    def returncode(self):
        return self._process.exitcode

    def poll(self):
        return self._process.exitcode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self._process.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout=None):
        """Exit code, once the process has ended."""
        self._process.join(timeout)
        if self.poll() is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout)
        return self.returncode

    def communicate(self, timeout=None):
        """(standard output, standard error) once the process has ended."""
        self.wait(timeout)
        return tuple(path.read_text() if path.exists() else "" for path in self._outputs)


def _start_server():
    _CONTEXT.set_forkserver_preload([_IMPORTED])
    # The server takes its search path from the environment alone.
    with mock.patch.dict(os.environ, {"PYTHONPATH": os.pathsep.join([str(_TESTS.parent), str(_TESTS)])}):
        multiprocessing.forkserver.ensure_running()


def _run(command, arguments, cwd, environment, outputs):
    for path, descriptor in zip(outputs, (1, 2), strict=True):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, descriptor)
        os.close(file)
    assert _IMPORTED in sys.modules, f"the server has not imported {_IMPORTED}"
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a server that was started under `nohup` ignores it
    sys.argv = [command, *arguments]
    if command.endswith(".py"):
        sys.path.insert(0, str(pathlib.Path(command).resolve().parent))
        runpy.run_path(command, run_name="__main__")
    else:
        sys.exit(importlib.import_module(command).main())
