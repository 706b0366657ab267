"""`docs/options.md`, made from the declarations: `python -m compare_gan2.config.option_pages > docs/options.md`.

Names, types and defaults come from signatures, meanings and papers from docstrings, so that the page cannot drift from
the code.
"""

import collections
import importlib
import inspect
import re
import sys
import types
import typing

from compare_gan2.config.declare import REQUIRED, declared, declared_bases, full_selector, gin_text, selector, signature
from compare_gan2.config.matching import describe, reasons_in
from compare_gan2.ground import tensorflow_start

PACKAGE = "compare_gan2"
CHAPTERS = {  # room of the package: title of its chapter, in the order of the page
    "config": "Runs and scores",
    "datasets": "Data, labels and latents",
    "gans": "GANs, losses and penalties",
    "architectures": "Architectures",
    "augmentation": "Augmentation",
    "layers": "Layers",
    "distribution": "Replicas",
    "training": "Optimizers",
    "metrics": "Metrics and feature networks",
    "pretraining": "Pre-training and inferred labels",
    "reporting": "Weights & Biases, MLflow",
    "studies": "Studies",
}
_HEAD = """# Options of `.gin` files

Everything that a `.gin` file, `--gin_bindings` or the `bindings` of `compare_gan2.train` may bind, as `NAME.PARAMETER =
VALUE`. Made from the code by `python -m compare_gan2.config.option_pages`; do not edit. Long names, as in files of
compare_gan, work too. What the options are for: [tutorial](tutorial.md), [data](data.md), [evaluation](evaluation.md),
[pre-training](pretraining.md), [performance](performance.md), [studies](studies.md).
"""
_SECTION = re.compile(r"^(Args|Attributes):$", re.MULTILINE)
_ENTRY = re.compile(r"(\*{0,2}\w+(?:, \*{0,2}\w+)*): (.*)")
_PAPER = re.compile(
    r"https://arxiv\.org/abs/[\d.]*\d(?: \([^)]*\))?"
    r"|(?:de |van |von )?[A-Z][\w'-]+(?: & [A-Z][\w'-]+| et al\.)? (?:19|20)\d\d\b"
    r"(?:, (?:sections?|appendix|figures?|tables?|equations?|algorithm) [\w.]*\w(?: and \d[\w.]*)?)?"
)


def options_page():
    """Text of the page, in Markdown: a section for each name that the package has declared so far."""
    chapters = collections.defaultdict(list)
    for target in _targets():
        chapters[target.__module__.split(".")[1]].append(target)
    parts = [_HEAD, _contents(chapters)]
    for room in _ordered(chapters):
        parts.append(f"## {CHAPTERS[room]}\n")
        parts += [_section(target) for target in chapters[room]]
    return "\n".join(parts).rstrip("\n") + "\n"


def without_meaning():
    """Sorted names of what no docstring explains: `name.parameter`, and `name` of an object without a docstring."""
    missing = []
    for target in _targets():
        if not _summary(target):
            missing.append(selector(target))
        meanings = _meanings(target)
        missing += [f"{selector(target)}.{name}" for name in _own_parameters(target)[0] if not meanings.get(name)]
    return sorted(missing)


def _targets():
    """Declared objects of this package; a program may have declared others of its own."""
    return sorted(filter(_is_ours, declared()), key=lambda target: (target.__module__, selector(target)))


def _ordered(chapters):
    if unknown := sorted(chapters.keys() - CHAPTERS.keys()):
        raise ValueError(f"expected declarations in the rooms {', '.join(CHAPTERS)}, got some in {', '.join(unknown)}")
    return [room for room in CHAPTERS if room in chapters]


def _contents(chapters):
    lines = []
    for room in _ordered(chapters):
        links = ", ".join(_link(target) for target in chapters[room])
        lines.append(f"- **{CHAPTERS[room]}**: {links}")
    return "\n".join(lines) + "\n"


def _link(target):
    name = selector(target)
    return f"[`{name}`](#{re.sub(r'[^a-z0-9_-]', '', name.lower())})"


def _section(target):
    lines = [f"### `{selector(target)}`\n", _introduction(target), ""]
    parameters, hints = _own_parameters(target)
    if parameters:
        meanings = _meanings(target)
        lines += ["| parameter | values | default | meaning |", "|---|---|---|---|"]
        for name, default in parameters.items():
            cells = (f"`{name}`", _type(hints.get(name), default), _default(default), meanings.get(name, ""))
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
        lines.append("")
    return "\n".join(lines)


def _introduction(target):
    sentences = [_summary(target), f"Long name: `{full_selector(target)}`."]
    papers = [paper for paper in _papers(target) if paper not in sentences[0]]
    if papers:
        sentences.append(f"Paper: {'; '.join(papers)}.")
    bases = declared_bases(target)[1:]
    if bases:
        sentences.append(f"It also takes the parameters of {_link(bases[0])}.")
    if not _own_parameters(target)[0]:
        sentences.append("No other parameters." if bases else "No parameters.")
    return " ".join(sentence for sentence in sentences if sentence)


def _summary(target):
    """First paragraph of the docstring that the object itself has, as one line with a full stop."""
    text = inspect.cleandoc(target.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    if not text or text.startswith(f"{target.__name__}("):  # the signature that `dataclass` writes
        return ""
    return text if text.endswith((".", ":")) else f"{text}."


def _own_parameters(target):
    """({parameter: default}, {parameter: type}) of what the object adds to its declared bases."""
    parameters, hints = signature(target)
    if not inspect.isclass(target):
        return parameters, hints
    above = set().union(*(signature(base)[0] for base in declared_bases(target)[1:2]))
    ours = [place for place in inspect.getmro(target) if "__init__" in vars(place) and _is_ours(place)]
    return ({} if not ours else {name: value for name, value in parameters.items() if name not in above}), hints


def _is_ours(place):
    return place.__module__.split(".")[0] == PACKAGE


def _meanings(target):
    """{parameter: what it means}, from the docstrings of a class and its bases, or of a function."""
    found = {}
    for place in filter(_is_ours, inspect.getmro(target) if inspect.isclass(target) else [target]):
        for text in (place.__doc__, vars(place).get("__init__") and place.__init__.__doc__):
            found = _entries(inspect.cleandoc(text or "")) | found
    return found


def _entries(text):
    """{name: meaning} of the entries below "Args:" and "Attributes:"."""
    found = {}
    for start in _SECTION.finditer(text):
        names = []
        for line in text[start.end() :].split("\n")[1:]:
            if line and not line.startswith("    "):
                break  # the next section
            entry = _ENTRY.fullmatch(line[4:])
            if entry and not line.startswith("     "):
                names = [name.strip("*") for name in entry.group(1).split(", ")]
                found |= dict.fromkeys(names, entry.group(2))
            elif line:
                found |= {name: f"{found[name]} {line.strip()}" for name in names}
            else:
                names = []  # a remark below the entries
    return found


def _papers(target):
    """Papers that the docstring names above its sections; those that its module's docstring names if there are none."""
    module = sys.modules[target.__module__]
    for text in (target.__doc__ or "", module.__doc__ or ""):
        found = [" ".join(paper.split()) for paper in _PAPER.findall(_SECTION.split(inspect.cleandoc(text))[0])]
        if found:
            return list(dict.fromkeys(found))
    return []


def _type(hint, default):
    """The values in words, with the reason where any is taken; the type of the default where the code states none."""
    if hint is None:
        hint = object if default in (REQUIRED, inspect.Parameter.empty, None) else type(default)
    if hint is object:
        return "any"
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return " or ".join(_type(option, default) for option in typing.get_args(hint))
    reasons = [rule.reason for rule in reasons_in(hint)]
    return describe(hint) + (f" ({'; '.join(reasons)})" if reasons else "")


def _default(value):
    return "required" if value in (REQUIRED, inspect.Parameter.empty) else f"`{gin_text(value)}`"


def main():
    """Prints the page of everything that the package declares."""
    tensorflow_start.load()
    # By name, because the page is about rooms above this one; nothing but this command reaches up to them.
    importlib.import_module(f"{PACKAGE}.runs.declarations").declare_all()
    importlib.import_module(f"{PACKAGE}.studies.plan")
    sys.stdout.write(options_page())


if __name__ == "__main__":
    main()
