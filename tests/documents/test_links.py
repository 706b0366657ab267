"""Every link and every path that a document shows leads somewhere."""

import re

import pytest

from documents import shown

PLACES = re.compile(r"(?:docs|tests|compare_gan2|results|colabs|examples|gin_configs)/[\w./=-]*|\.ci/run")


@pytest.mark.parametrize("path", shown.DOCUMENTS, ids=shown.name_of)
def test_links(path):
    broken = []
    for link in shown.links(path):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in shown.anchors(target)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("path", [p for p in shown.DOCUMENTS if p.name != "CHANGELOG.md"], ids=shown.name_of)
def test_paths(path):
    named = [code for code in shown.inline_code(path) if PLACES.fullmatch(code) and not re.search(r"[A-Z]{4}", code)]
    assert not [name for name in named if not (shown.ROOT / name).exists()]


def test_every_guide_can_be_reached_from_the_readme():
    reached, waiting = set(), [shown.ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path not in reached and path.suffix == ".md":
            reached.add(path)
            waiting += [(path.parent / link.partition("#")[0]).resolve() for link in shown.links(path)]
    assert set(shown.DOCUMENTS) <= reached


def test_the_readme_is_read_in_three_minutes():
    assert len((shown.ROOT / "README.md").read_text().splitlines()) <= 120
