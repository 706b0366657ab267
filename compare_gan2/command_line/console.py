"""`compare_gan2 COMMAND`: finds the command and hands the other arguments to it."""

import importlib
import sys

import compare_gan2
from compare_gan2.command_line import malloc
from compare_gan2.command_line.commands import COMMANDS, command_named
from compare_gan2.ground.suggestions import did_you_mean

_HELP = ("-h", "--help", "-help", "help")


def main(arguments=None):
    """Exit code of a command.

    Args:
        arguments: the name of the command and its arguments; None for those of the process.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    names = [command.name for command in COMMANDS]
    if given[:1] == ["--version"]:
        print(f"compare_gan2 {compare_gan2.__version__}")
        return 0
    if given and given[0] in _HELP:
        if given[1:2] and given[1] in names:
            return _main_of(given[1])(["--help"])
        print(_help())
        return 0
    if not given:
        print(_help())
        return _refused(f"expected a command, one of {', '.join(names)}")
    if given[0] not in names:
        hint = did_you_mean(given[0], names)
        return _refused(f"expected one of the commands {', '.join(names)}, got {given[0]!r}{hint}")
    if arguments is None:
        malloc.keep_freed_memory()
    return _main_of(given[0])(given[1:])


def _main_of(name):
    return importlib.import_module(f"compare_gan2.{command_named(name).module}").main


def _help():
    width = max(len(command.name) for command in COMMANDS)
    lines = [f"  {command.name:{width}}  {command.summary}" for command in COMMANDS]
    return "\n".join(
        [
            "usage: compare_gan2 COMMAND [ARGUMENTS]",
            "",
            "GAN research, above all S3GAN, on TensorFlow 2 and Keras 3.",
            "",
            "commands:",
            *lines,
            "",
            "The first one to try, 10 to 20 minutes on two cores, without any download:",
            "  compare_gan2 train --gin_config=s3gan.gin",
            "",
            "compare_gan2 COMMAND --help shows the flags of a command and examples.",
        ]
    )


def _refused(message):
    print(f"error: {message}", file=sys.stderr)
    return 2
