import re

import pytest
from support.web_pages import Page

from compare_gan2.reporting.line_chart import Line, line_chart
from compare_gan2.reporting.page_parts import (
    Cell,
    Charts,
    Details,
    Films,
    Heading,
    Paragraph,
    Picture,
    Pictures,
    Preformatted,
    Section,
    Table,
)
from compare_gan2.reporting.palette import contrast
from compare_gan2.reporting.web_page import page, write_page

BAD = '<script>alert("&")</script>'
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
TEXT = {"ink": ("paper", "code", "note"), "muted": ("paper",), "link": ("paper", "note"), "caution": ("paper",)}
GRAPHICS = {"axis": "paper", "note-edge": "note"}


def picture(name):
    return Picture(PIXEL, f"Samples of {name}", name, name, 1, 1)


def whole_page():
    charts = [line_chart(BAD, [Line(BAD, [0, 1], [1.0, 2.0], number=n)], key=f"c{n}") for n in (0, 13)]
    table = Table(BAD, ["", BAD], [[BAD, Cell(BAD, (BAD,), True, (1,))]], (BAD,))
    films = Films({BAD: {0: picture(BAD), 20: picture(BAD)}, "b": {5: picture("b")}})
    parts = [table, Charts(charts), films, Pictures([picture(BAD)]), Heading(BAD), Preformatted(BAD, BAD)]
    inner = Details(BAD, [table, Details(BAD, [table])])
    sections = [Section(BAD, [Paragraph(BAD, True), *parts]), Section("empty", []), Section("b", [inner])]
    return page(BAD, BAD, sections, BAD)


def colors(style, dark):
    """{name: colour} of the style sheet in one colour scheme."""
    of_dark = re.compile(r"@media screen and \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}\s*\}", re.DOTALL)
    assert len(of_dark.findall(style)) == 2
    parts = [of_dark.sub("", style), *(of_dark.findall(style) if dark else [])]
    return {name: color for part in parts for name, color in re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part)}


def test_every_part_is_whole_and_every_text_is_escaped():
    text = whole_page()
    found = Page(text)
    assert text.count("<script>") == 1 and BAD in found.text and found.bold == [BAD] * 3
    assert len(found.charts) == 2 and all(label.startswith(BAD) for label in found.charts)
    assert [tag for tag, _ in found.tags if tag == "link"] == ["link"]  # an empty icon, so that none is asked for
    assert "empty" not in found.text  # a section without parts
    assert found.cells[:3] == ["", BAD, BAD] and found.cells[3].startswith(f"{BAD} (best)⚠1{BAD}")


def test_all_pictures_are_there_without_a_script():
    found = Page(whole_page())
    assert len(found.images) == 4 and found.attributes("data-step") == ["0", "20", "5"]
    assert found.attributes("data-steps") == ["0 5 20"]
    (slider,) = [attributes for tag, attributes in found.tags if tag == "p" and attributes.get("class") == "slider"]
    assert "hidden" in slider  # until the script shows it
    assert ("input", "2") in [(tag, attributes.get("max")) for tag, attributes in found.tags]
    assert not re.search(
        r"display: none", re.sub(r"\.moved[^}]*}|\[hidden\][^}]*}|@media print.*", "", found.style, flags=re.S)
    )


def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name():
    found = Page(whole_page())
    for tag, attributes in found.tags:
        if attributes.get("class") in ("wide", "frames") or tag == "pre":
            assert attributes["tabindex"] == "0" and attributes["role"] == "region"
            assert attributes.get("aria-label") or attributes["aria-labelledby"] in found.attributes("id")
        if tag == "table":
            assert attributes["aria-labelledby"] in found.attributes("id")


@pytest.mark.parametrize("dark", [False, True])
def test_contrast_of_the_style_sheet(dark):
    style = Page(whole_page()).style
    named = colors(style, dark)
    pairs = [(name, paper, 4.5) for name, papers in TEXT.items() for paper in papers]
    pairs += [(name, paper, 3) for name, paper in GRAPHICS.items()]
    pairs += [(name, "paper", 3) for name in named if name.startswith("line-")]
    assert sum(name.startswith("line-") for name, *_ in pairs) == 14
    low = {(a, b): contrast(named[a], named[b]) for a, b, least in pairs if contrast(named[a], named[b]) < least}
    assert not low


def test_colours_that_are_used_are_defined():
    found = Page(whole_page())
    text = whole_page()
    assert set(re.findall(r"var\(--([\w-]+)\)", text)) <= set(colors(found.style, False))


def test_charts_with_the_same_lines_share_a_legend():
    same = [line_chart(name, [Line("a", [0, 1], [1.0, 2.0])], key=name) for name in ("x", "y")]
    assert page("t", "", [Section("s", [Charts(same)])], "").count('class="legend"') == 1
    other = line_chart("z", [Line("b", [0, 1], [1.0, 2.0])], key="z")
    assert page("t", "", [Section("s", [Charts([*same, other])])], "").count('class="legend"') == 3


def test_file_is_written_whole_in_a_new_folder(tmp_path):
    write_page(tmp_path / "new" / "r.html", "t", "", [Section("ü ⚠", [Paragraph("p")])], "f")
    assert "ü ⚠" in (tmp_path / "new" / "r.html").read_text("utf-8")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["r.html"]


def test_long_names_break_after_their_signs_and_numbers_do_not():
    table = Table("c", ["", "b"], [["a/long_name.gin (labels.fraction = 0.05, 1e-4)", "-"]])
    text = page("t", "", [Section("s", [table])], "")
    assert "a/<wbr>long_<wbr>name.<wbr>gin (labels.<wbr>fraction = 0.05, 1e-4)" in text
