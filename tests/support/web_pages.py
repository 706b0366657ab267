"""Pages as tests see them, without a browser."""

import base64
import html.parser
import io
import re

from PIL import Image

VOID = {"meta", "img", "link", "input", "wbr"}


class Page(html.parser.HTMLParser):
    """Elements of a page; fails for what no page may have: open elements, pictures without text, links that lead out.

    Attributes:
        tags: list of (name, {attribute: text}).
        images: list of Pillow images.
        charts: alternative texts of the charts.
        text: all text outside of charts, style and script.
        cells: texts of the cells of all tables.
        bold: texts that are bold in cells.
    """

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.images, self.charts, self.text, self.cells = [], [], [], [], "", []
        self.bold, self.style, self.script = [], "", ""
        self.feed(text)
        self.close()
        assert not self.open
        self._check()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag in ("table", "pre"):
            assert tag == "pre" or "div.wide" in self.open, "a table that would widen the page"
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self.open.append(f"{tag}.{attributes['class']}" if attributes.get("class") else tag)
        if tag in ("td", "th"):
            self.cells.append("")
        if tag == "strong":
            self.bold.append("")
        if tag == "img":
            start, data = attributes["src"].split(",")
            assert start in ("data:image/png;base64", "data:image/jpeg;base64") and attributes["alt"].strip()
            self.images.append(Image.open(io.BytesIO(base64.b64decode(data, validate=True))))
            assert self.images[-1].size == (int(attributes["width"]), int(attributes["height"]))
        if tag == "svg":
            assert attributes["role"] == "img" and attributes["aria-label"].strip()
            self.charts.append(attributes["aria-label"])

    def handle_endtag(self, tag):
        assert self.open.pop().partition(".")[0] == tag

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_data(self, data):
        inside = {name.partition(".")[0] for name in self.open}
        if "style" in inside and "svg" not in inside:
            self.style += data
        elif "script" in inside:
            self.script += data
        elif "svg" not in inside:
            self.text += data
            if inside & {"td", "th"}:
                self.cells[-1] += data
            if "strong" in inside:
                self.bold[-1] += data

    def row(self, first, length):
        """Texts of so many cells after the one with this text."""
        start = self.cells.index(first) + 1
        return self.cells[start : start + length]

    def attributes(self, name):
        """Values of an attribute, in the order of the page."""
        return [attributes[name] for _, attributes in self.tags if name in attributes]

    def _check(self):
        ids = self.attributes("id")
        assert len(set(ids)) == len(ids), sorted(name for name in ids if ids.count(name) > 1)
        for reference in self.attributes("href") + self.attributes("src"):
            assert reference.startswith("data:") or reference[0] == "#" and reference[1:] in ids, reference[:99]
        assert not re.search(r"url\((?!#)|@import|https?:", self.style + self.script)
        assert not [name for tag, attributes in self.tags for name in attributes if name.startswith("on")]
        labels = [attributes["for"] for tag, attributes in self.tags if tag == "label"]
        inputs = [attributes["id"] for tag, attributes in self.tags if tag == "input"]
        assert labels == inputs
        headings = [int(tag[1]) for tag, _ in self.tags if re.fullmatch(r"h\d", tag)]
        assert headings[0] == 1 and headings.count(1) == 1
        assert all(after <= before + 1 for before, after in zip(headings, headings[1:], strict=False))
