"""The frame of every command: versions, flags, messages, a late TensorFlow, and errors that become exit codes."""

import sys

from compare_gan2.command_line import malloc, required_versions
from compare_gan2.command_line.parser import Ended
from compare_gan2.config.imports import imports_allowed
from compare_gan2.ground import messages, option_names, stop_request, tensorflow_start
from compare_gan2.ground.disks import disk_of
from compare_gan2.ground.errors import CheckpointError, ConfigError, DamagedFileError, ExportFailed, TrainingFailed
from compare_gan2.ground.files import is_full_disk

BAD_INPUT, FAILED, INTERRUPTED = 2, 1, 130  # interrupted by Ctrl-C; other signals: 128 plus their number
RESUMABLE = "the same command resumes from the last checkpoint"


def run(
    parser,
    body,
    arguments=None,
    *,
    check=None,
    needs_tensorflow=True,
    bad_input=(),
    after_interrupt=RESUMABLE,
    folder=None,
):
    """Exit code of a command: 0 when done, 1 if it failed, 2 for bad input, 128 plus its number after a signal.

    A user's mistake is one line on the standard error, `error: ...`, never a traceback.

    Args:
        parser: `Parser` of its flags.
        body: function of the parsed options that does the work; returns the exit code, None for 0. By then TensorFlow
            is imported and every name that a `.gin` file may use is declared.
        arguments: list of command-line arguments; None for those of the process, which is then the command's own.
        check: function of the parsed options that is called before TensorFlow is imported. It raises what can be known
            by then, and may return an exit code if there is nothing else to do.
        needs_tensorflow: whether to import TensorFlow and declare names before `body`.
        bad_input: exceptions, beside `ConfigError` and `DamagedFileError`, that mean bad input to this command.
        after_interrupt: what the message of an interrupt says about the work done so far; a text, or a function of the
            parsed options that returns it.
        folder: function of the parsed options that names the folder written to, for the message about a full disk. If
            None, a full disk is an error like any other.
    """
    problem = required_versions.problem()
    if problem is not None:
        return _failed(problem, BAD_INPUT, prefix="")
    options = None
    try:
        options = parser.parse_args(arguments)
        with messages.shown(), option_names.as_flags(), stop_request.listening():
            code = None if check is None else check(options)
            if code is not None:
                return code
            if needs_tensorflow:
                _start(getattr(options, "verbosity", None), own_process=arguments is None)
            with tensorflow_start.without_advice(), imports_allowed(getattr(options, "allow_imports", False)):
                return body(options) or 0
    except Ended as ended:
        return ended.code
    except (ConfigError, DamagedFileError, *bad_input) as error:
        return _failed(parser.in_flags(str(error)), BAD_INPUT)
    except (CheckpointError, ExportFailed, TrainingFailed) as error:
        return _failed(error, FAILED)
    except stop_request.Stopped as stopped:
        how = "interrupted" if stopped.exit_code == INTERRUPTED else str(stopped)
        return _failed(f"{how}; {_after(after_interrupt, options)}", stopped.exit_code)
    except KeyboardInterrupt:
        return _failed(f"interrupted; {_after(after_interrupt, options)}", INTERRUPTED)
    except Exception as error:  # of TensorFlow too, which has exceptions of its own for a full disk
        if folder is None or not is_full_disk(error):
            raise
        where = f"the disk of {disk_of(error, [folder(options)])}"
        return _failed(f"no space left on {where}; checkpoints saved before are intact", FAILED)


def _start(verbosity, own_process):
    if own_process:
        malloc.keep_freed_memory()
    if "tensorflow" not in sys.modules:
        messages.log.info("loading TensorFlow ...")
    tensorflow_start.load()
    from absl import logging as absl_logging

    from compare_gan2.runs.declarations import declare_all

    absl_logging.set_verbosity(absl_logging.WARNING if verbosity is None else verbosity)
    declare_all()


def _after(interrupt, options):
    return interrupt(options) if callable(interrupt) else interrupt


def _failed(message, code, prefix="error: "):
    sys.stdout.flush()
    print(f"{prefix}{message}", file=sys.stderr, flush=True)
    return code
