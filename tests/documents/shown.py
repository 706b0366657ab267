"""What the documents show: blocks of code, code within lines, links and headings, and the cells of the notebooks."""

import dataclasses
import json
import pathlib
import re

import compare_gan2

ROOT = pathlib.Path(compare_gan2.__file__).resolve().parents[1]
AT_THE_TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
DOCUMENTS = [
    *(ROOT / name for name in AT_THE_TOP),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "examples").glob("*/README.md")),
]
COLABS = ROOT / "colabs"
NOTEBOOKS = sorted(COLABS.glob("*.ipynb"))
OPTIONS = ROOT / "docs" / "options.md"  # made from the declarations, and compared with them by a test of its own
_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Block:
    """A block of code: language after the fence ("" without one, or for an indented block) and text."""

    language: str
    text: str


def name_of(path):
    """Path below the repository, for the names of tests."""
    return path.relative_to(ROOT).as_posix()


def blocks(path):
    """List of `Block`s of a Markdown file, fenced ones first."""
    text = path.read_text()
    found = [Block(language, body) for language, body in _BLOCK.findall(text)]
    indented = re.findall(r"(?:^\n|\A)((?:^    .*\n)+)", _BLOCK.sub("", text), re.MULTILINE)
    return found + [Block("", re.sub(r"^    ", "", body, flags=re.MULTILINE)) for body in indented]


def python_blocks(path):
    """Texts of the blocks marked as Python."""
    return [block.text for block in blocks(path) if block.language == "python"]


def lines_of(block):
    """Lines of a block, those that end in a backslash joined with the next."""
    return re.sub(r"\\\n\s*", " ", block.text).splitlines()


def inline_code(path):
    """Texts between single backquotes, outside of blocks; line breaks within are spaces."""
    text = _BLOCK.sub("", path.read_text())
    return [" ".join(code.split()) for code in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]


def links(path):
    """Targets of the links of a Markdown file that lead to files or headings."""
    targets = re.findall(r"\]\(([^)\s]+)\)", _BLOCK.sub("", path.read_text()))
    return [target for target in targets if "://" not in target]


def anchors(path):
    """Names by which a link can lead to the headings of a Markdown file."""
    headings = re.findall(r"^#+ (.+)$", _BLOCK.sub("", path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table(path, heading):
    """Rows of the first table below a heading, each a list of cells; the header is left out."""
    below = f"\n{path.read_text()}".split(f"\n{heading}\n", 1)[1]
    lines = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE).group().splitlines()
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def notebook_code(path):
    """Sources of a notebook's code cells."""
    cells = json.loads(path.read_text())["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
