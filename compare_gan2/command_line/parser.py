"""The parser of every command: one way to write flags, one kind of message for what cannot be parsed."""

import argparse
import re
import sys

from compare_gan2.command_line.commands import command_named
from compare_gan2.command_line.flag_files import expanded
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.suggestions import did_you_mean

_FLAG = re.compile(r"--?([A-Za-z]\w+)(?:=(.*))?", re.DOTALL)
_TRUTH = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}


class Ended(Exception):
    """Raised when a command has printed everything that was asked for, such as its help.

    Args:
        code: exit code.
    """

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Parser(argparse.ArgumentParser):
    """`ArgumentParser` that raises where argparse ends the process, and reads flags as absl writes them, too.

    `-flag` is `--flag`; a switch is `--name`, `--noname` or `--name=true`; `--flagfile=FILE` reads flags from a file.
    Names must be whole: a shortened one is a typo.
    """

    def __init__(self, **options):
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)
        self._switches = set()

    @property
    def flags(self):
        """Texts of all flags that were added, such as "--gin_config"."""
        return list(self._option_string_actions)

    def add_switch(self, name, *, default=False, help):
        """Adds a flag that is on or off: `name` and its opposite with "no", such as --use_tpu and --nouse_tpu."""
        off = f"--no{name[2:]}"
        self.add_argument(name, off, action=_Switch, dest=name[2:], nargs=0, default=default, help=help)
        self._switches.add(name[2:])

    def in_flags(self, message):
        """The message with `--` before a flag that it begins with, as messages of the library begin with a keyword."""
        found = re.match(r"([a-z]\w*): ", message)
        return f"--{message}" if found and found.group(1) in self._known_flags() else message

    def parse_args(self, args=None, namespace=None):
        """Namespace of the arguments; None for those of the process.

        Raises:
            ConfigError: for what cannot be parsed; the message names the flag.
            Ended: if only the help was requested.
        """
        args = sys.argv[1:] if args is None else list(args)
        options, rest = self.parse_known_args(args, namespace)
        if rest:
            unknown = [argument.partition("=")[0] for argument in rest if argument.startswith("-")]
            if unknown:
                self._refuse_flag(unknown[0])
            before = args[args.index(rest[0]) - 1] if rest[0] in args[1:] else ""
            if before.endswith(","):
                whole = before + "".join(rest)
                raise ConfigError(f"{before} {' '.join(rest)}: the blank ends the list; write {whole}")
            raise ConfigError(f"unknown arguments {rest}")
        return options

    def parse_known_args(self, args=None, namespace=None):
        """(namespace, list of arguments that are none of this parser's)."""
        args = sys.argv[1:] if args is None else args
        return super().parse_known_args(self._rewritten(expanded(args)), namespace)

    def error(self, message):
        """Raises the message as a `ConfigError`."""
        message = re.sub(r"^argument ", "", message)
        raise ConfigError(re.sub(r"^the following arguments are required: ", "expected ", message))

    def exit(self, status=0, message=None):
        """Raises `Ended` in place of ending the process."""
        if message:
            self._print_message(message)
        raise Ended(status)

    def _check_value(self, action, value):
        if action.choices is not None and value not in action.choices:
            known = list(map(str, action.choices))
            text = f"expected one of {', '.join(known)}, got {value!r}{did_you_mean(value, known)}"
            raise argparse.ArgumentError(action, text)

    def _rewritten(self, arguments):
        """The arguments with -flag as --flag, and switches without a value.

        Raises:
            ConfigError: for an unknown flag, before argparse complains of what is missing because of it.
        """
        result = []
        for number, argument in enumerate(arguments):
            if argument == "--":
                return [*result, *arguments[number:]]
            found = _FLAG.fullmatch(argument)
            if found and found.group(1) in self._switches and found.group(2) is not None:
                value = _TRUTH.get(found.group(2).lower())
                if value is None:
                    raise ConfigError(f"--{found.group(1)}: expected true or false, got {found.group(2)!r}")
                argument = f"--{'' if value else 'no'}{found.group(1)}"
            elif found and f"--{found.group(1)}" in self._option_string_actions and not argument.startswith("--"):
                argument = f"-{argument}"
            elif found and argument.startswith("--") and not self._knows(f"--{found.group(1)}"):
                self._refuse_flag(f"--{found.group(1)}")
            result.append(argument)
        return result

    def _knows(self, flag):
        return flag in self._option_string_actions or bool(self._sub_parsers())  # which look at their own

    def _refuse_flag(self, flag):
        hint = did_you_mean(flag.lstrip("-"), self._known_flags(), "--")
        raise ConfigError(f"unknown flag {flag}{hint}")

    def _known_flags(self):
        found = [name[2:] for name in self._option_string_actions if name.startswith("--")]
        return found + [name for parser in self._sub_parsers() for name in parser._known_flags()]

    def _sub_parsers(self):
        actions = [action for action in self._actions if isinstance(action, argparse._SubParsersAction)]
        return [parser for action in actions for parser in action.choices.values()]


class _Switch(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, option_string == self.option_strings[0])


def parser_of(name, *, examples, notes=""):
    """`Parser` of the command of this name in `COMMANDS`.

    Args:
        name: such as "train".
        examples: argument texts that can be given as they are, such as ["--gin_config=s3gan.gin"].
        notes: further lines of the help, such as what the exit codes mean.
    """
    command = command_named(name)
    lines = "\n".join(f"  compare_gan2 {name} {example}".rstrip() for example in examples)
    also = f"The same as python -m compare_gan2.{command.module}."
    return Parser(
        prog=f"compare_gan2 {name}",
        description=f"{command.summary[0].upper()}{command.summary[1:]}.",
        epilog="\n\n".join(filter(None, [f"examples:\n{lines}", notes.strip(), also])),
    )


def add_configuration(parser, files="file of gin bindings: a path, or the name of a shipped one; may be given again"):
    """Adds --gin_config, --gin_bindings and --allow_imports to a parser or to a sub-parser."""
    parser.add_argument("--gin_config", metavar="FILE", action="append", default=[], help=files)
    parser.add_argument(
        "--gin_bindings",
        metavar="BINDING",
        action="append",
        default=[],
        help='such as "options.training_steps = 500", parsed after the files; may be given again',
    )
    _add_imports(parser)


def add_trust(parser):
    """Adds --trust and --allow_imports, see SECURITY.md."""
    parser.add_switch(
        "--trust", help="load SavedModels, hub modules and frozen graphs, which can execute code, unasked"
    )
    if "--allow_imports" not in parser.flags:
        _add_imports(parser)


def _add_imports(parser):
    parser.add_switch("--allow_imports", help="records of runs may import modules, which run with all your rights")
