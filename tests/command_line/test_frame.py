"""The frame of a command: what ends it, with which exit code and which message."""

import errno

import pytest

from compare_gan2.command_line import frame
from compare_gan2.command_line.parser import Parser
from compare_gan2.ground.errors import CheckpointError, ConfigError, DamagedFileError, TrainingFailed
from compare_gan2.ground.messages import is_shown, log


def run(body, arguments=(), **options):
    parser = Parser(prog="tested")
    parser.add_argument("--folder", default="runs/x")
    return frame.run(parser, body, list(arguments), needs_tensorflow=False, **options)


def raising(error):
    def body(options):
        raise error

    return body


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (1, 1), (7, 7)])
def test_the_body_chooses_the_exit_code(returned, code, capsys):
    assert run(lambda options: returned) == code
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ConfigError("options.z_dim: no"), 2, "options.z_dim: no"),
        (DamagedFileError("x.npz: damaged"), 2, "x.npz: damaged"),
        (CheckpointError("no checkpoint"), 1, "no checkpoint"),
        (TrainingFailed("step 3: loss/g is NaN"), 1, "step 3: loss/g is NaN"),
        (KeyboardInterrupt(), 130, "interrupted; the same command resumes from the last checkpoint"),
    ],
)
def test_errors_become_one_line_and_a_code(error, code, message, capsys):
    assert run(raising(error)) == code
    assert capsys.readouterr() == ("", f"error: {message}\n")


def test_what_the_library_calls_by_its_keyword_is_a_flag_here(capsys):
    for text in ("folder: no", "other: no", "--folder: no", "folder is missing"):
        assert run(raising(ConfigError(text))) == 2
    expected = ["--folder: no", "other: no", "--folder: no", "folder is missing"]
    assert capsys.readouterr().err.splitlines() == [f"error: {line}" for line in expected]


def test_a_command_has_errors_and_words_of_its_own(capsys):
    assert run(raising(FloatingPointError("NaN")), bad_input=(FloatingPointError, OSError)) == 2
    assert run(raising(CheckpointError("lost")), bad_input=(CheckpointError,)) == 2
    assert run(raising(KeyboardInterrupt()), after_interrupt="nothing was written") == 130
    assert capsys.readouterr().err == "error: NaN\nerror: lost\nerror: interrupted; nothing was written\n"


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("x; No space left on device")]
)
def test_a_full_disk_names_the_folder(error, capsys):
    assert run(raising(error), ["--folder=runs/full"], folder=lambda options: options.folder) == 1
    expected = "error: no space left on the disk of runs/full; checkpoints saved before are intact\n"
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize("error", [OSError(errno.EIO, "Input/output error"), ZeroDivisionError("a mistake of ours")])
def test_other_errors_keep_their_traceback(error):
    with pytest.raises(type(error)):
        run(raising(error), folder=lambda options: options.folder)


def test_what_cannot_be_parsed_never_reaches_the_body(capsys):
    assert run(raising(AssertionError("never called")), ["--flodre=x"]) == 2
    assert capsys.readouterr().err == "error: unknown flag --flodre; did you mean --folder?\n"


def test_the_check_may_end_the_command_and_comes_first(capsys):
    assert run(raising(AssertionError("never called")), check=lambda options: 0) == 0
    assert run(lambda options: 5, check=lambda options: None) == 5
    assert run(raising(AssertionError("never called")), check=raising(ConfigError("early"))) == 2
    assert capsys.readouterr().err == "error: early\n"


def test_messages_are_shown_while_the_command_runs(capsys):
    def body(options):
        log.info("a line")
        log.warning("look out")
        assert is_shown()

    assert run(body) == 0
    assert capsys.readouterr().out == "a line\nwarning: look out\n"
    assert not is_shown()


def test_help_is_no_error(capsys):
    assert run(raising(AssertionError("never called")), ["--help"]) == 0
    assert "--folder" in capsys.readouterr().out
