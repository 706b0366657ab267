"""A `.gin` file of the original, rewritten: notes on its bindings are comments, as are bindings without effect."""

import collections
import dataclasses
import pathlib
import tokenize

from gin import config_parser

from compare_gan2.architectures import ARCHITECTURES
from compare_gan2.config.configuration import parse
from compare_gan2.config.declare import named, names, parameters, selector
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.ground.suggestions import did_you_mean
from compare_gan2.original.differences import Note, Reference, notes_on, without_effect

Macro = collections.namedtuple("Macro", ["name"])


@dataclasses.dataclass(frozen=True)
class Statement:
    """A statement of a file.

    Attributes:
        first: number of its first line, from 1.
        name: `selector.parameter` under its shortest name; the text of a statement that is not a binding.
        value: bound value, with `Reference` and `Macro` objects in it.
        note: `Note` that does not depend on other bindings, or None.
    """

    first: int
    name: str
    value: object = None
    note: Note | None = None


def migrate(source, output):
    """Rewrites a file of the original with notes on what differs as comments, and prints the notes.

    Args:
        source: old file.
        output: new file; must not exist.

    Raises:
        ConfigError: if a file cannot be read or written, or names what cannot be used here; then nothing is written.
    """
    source, output = pathlib.Path(source), pathlib.Path(output)
    if output.exists():
        raise ConfigError(f"--output: {output} exists; choose another name")
    try:
        text = source.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--from: cannot read {source}: {error}") from error
    statements = _read(source, text)
    notes = notes_on({s.name: s.value for s in statements if s.note is None})
    noted = [(s, [s.note] if s.note else [note for note in notes if note.binding == s.name]) for s in statements]
    rewritten = _rewritten(source, text, noted)
    parse([], [rewritten])
    with open(output, "x") as file:
        file.write(rewritten)
    for statement, found in noted:
        for note in found:
            log.info(f"{source}:{statement.first}: {note.binding}: {note.text}{f' {note.offer}' if note.offer else ''}")
    unchanged = sum(not found for _, found in noted)
    log.info(
        f"{output}: written; {unchanged} of {len(statements)} statements need no note, see also docs/differences.md"
    )


class _Delegate(config_parser.ParserDelegate):
    def configurable_reference(self, scoped_configurable_name, evaluate):
        return Reference(scoped_configurable_name, evaluate)

    def macro(self, macro_name):
        return Macro(macro_name)


def _read(source, text):
    """[`Statement`] of a file's text; raises a `ConfigError` listing all that cannot be used here."""
    statements, errors = [], []
    try:
        for parsed in config_parser.ConfigParser(text, _Delegate()):
            try:
                statements.append(_statement(parsed))
            except ConfigError as error:
                errors.append(f"line {parsed.location.line_num}: {error}")
    except (SyntaxError, ValueError, tokenize.TokenError) as error:  # invalid tokens or names
        raise ConfigError(f"--from: {source} is not a .gin file: {error}") from error
    if errors:
        raise ConfigError(f"--from: {source} names what cannot be used here:\n  " + "\n  ".join(errors))
    macros = {s.name: s.value for s in statements if "." not in s.name}
    return [dataclasses.replace(s, value=_expanded(s.value, macros)) for s in statements]


def _expanded(value, macros):
    return macros.get(value.name, value) if isinstance(value, Macro) else value


def _statement(parsed):
    line = parsed.location.line_num
    if isinstance(parsed, config_parser.ImportStatement):
        text = parsed.format()
        return Statement(line, text, note=Note(text, "not needed: all names are declared here", drop=True))
    if isinstance(parsed, config_parser.IncludeStatement):
        text = f"include {parsed.filename!r}"
        return Statement(line, text, note=Note(text, "the included file stays as it is; run this command on it too"))
    if isinstance(parsed, config_parser.BlockDeclaration):
        return Statement(line, f"{_target(parsed.selector)[1]}:")
    if not parsed.arg_name or parsed.selector in ("macro", "gin.macro"):
        return Statement(line, parsed.arg_name and parsed.scope or parsed.selector, _known(parsed.value))
    target, own_name = _target(parsed.selector)
    name = f"{own_name}.{parsed.arg_name}"
    note = without_effect(own_name, parsed.arg_name)
    if note is None and parsed.arg_name not in parameters(target):
        raise ConfigError(f"{name}: no such parameter{did_you_mean(parsed.arg_name, parameters(target))}")
    if parsed.scope:
        note = Note(name, f"no effect: nothing runs in the scope {parsed.scope}", drop=True)
    value = _known(parsed.value)
    for option, known in (("options.architecture", ARCHITECTURES), ("dataset.name", DATASETS)):
        if name == option and isinstance(value, str) and value not in known:
            raise ConfigError(f"{name}: no {value!r} here{did_you_mean(value, known)}")
    return Statement(line, name, value, note)


def _target(name):
    """(declared object, its shortest name) for a name in an old file."""
    found = named(name)
    if len(found) == 1:
        return found[0], selector(found[0])
    if found:
        raise ConfigError(f"{name}: ambiguous, it may be {' or '.join(sorted(map(selector, found)))}")
    raise ConfigError(f"{name}: no such name{did_you_mean(name, names())}")


def _known(value):
    """A value with its references under their shortest names."""
    if isinstance(value, Reference):
        if "/" in value.name:
            raise ConfigError(f"@{value.name}: scopes are refused here; bind what the scope binds without it")
        return value._replace(name=_target(value.name)[1])
    if isinstance(value, (list, tuple)) and not isinstance(value, Macro):
        return type(value)(_known(member) for member in value)
    return value


def _rewritten(source, text, noted):
    """The new file: every note before its statement, statements without effect as comments."""
    lines = text.splitlines()
    starts = [statement.first for statement, _ in noted] + [len(lines) + 1]
    last_of_header = starts[0] - 1
    new = [
        f"# {source.name} of compare_gan, rewritten by compare_gan2.migrate: lines that begin with `#:` are its notes."
    ]
    new += lines[:last_of_header]
    for (_, notes), first, following in zip(noted, starts, starts[1:], strict=False):
        body = lines[first - 1 : following - 1]
        new += [f"#: {note.text}" for note in notes]
        new += [f"#: {note.offer}" for note in notes if note.offer]
        size = max(number for number, line in enumerate(body, 1) if line.strip() and not line.lstrip().startswith("#"))
        if any(note.drop or note.value is not None for note in notes):
            body[:size] = [f"# {line}" for line in body[:size]]
            body[size:size] = [f"{note.binding} = {note.value}" for note in notes if note.value is not None]
        new += body
    return "\n".join(new) + "\n"
