"""docs/options.md is what the declarations say, and says what every parameter means."""

import os
import re
import subprocess
import sys

import pytest

import compare_gan2.studies.plan  # noqa: F401, declares study.*
from compare_gan2.config import declare, option_pages
from documents import shown


def test_the_page_is_up_to_date():
    # In a process of its own: which names are short depends on what else is declared.
    environment = os.environ | {"PYTHONPATH": str(shown.ROOT)}
    command = [sys.executable, "-m", "compare_gan2.config.option_pages"]
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert made == shown.OPTIONS.read_text(), "run python -m compare_gan2.config.option_pages > docs/options.md"


def test_every_parameter_has_a_meaning():
    assert not option_pages.without_meaning()


def test_every_name_has_a_section():
    text = shown.OPTIONS.read_text()
    ours = [target for target in declare.declared() if target.__module__.startswith("compare_gan2.")]
    assert len(ours) > 60
    assert not [full for full in map(declare.full_selector, ours) if f"Long name: `{full}`." not in text]


def test_the_page_leaves_out_no_module_that_declares():
    known = {target.__module__ for target in declare.declared()}
    pattern = re.compile(r"^@?(configurable|metric|optimizer|register|_entry)\(", re.MULTILINE)
    declaring = [path for path in (shown.ROOT / "compare_gan2").rglob("*.py") if pattern.search(path.read_text())]
    names = {".".join(path.relative_to(shown.ROOT).with_suffix("").parts) for path in declaring}
    assert len(names) > 30
    assert not names - known


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Summary.\n\nArgs:\n    one: first,\n        and more.\n    two, three: others.\n", "first, and more."),
        ("Summary.\n\nAttributes:\n    one: first.\n\n    A remark.\n\nRaises:\n    other: no.\n", "first."),
    ],
)
def test_entries_of_a_docstring(text, expected):
    found = option_pages._entries(text)
    assert found["one"] == expected
    assert "other" not in found
    assert found.get("two") == found.get("three")
