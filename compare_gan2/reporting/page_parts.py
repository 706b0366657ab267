"""What a page is made of, as values: `web_page` turns them into HTML and escapes every text."""

import dataclasses

from compare_gan2.reporting.line_chart import Chart


@dataclasses.dataclass(frozen=True)
class Cell:
    """A cell of a table; a cell without any of this is just a text.

    Attributes:
        text: in normal size.
        small: further lines, smaller.
        best: whether it is the best of its column, which is bold.
        notes: numbers of the notes below the table that warn about it.
    """

    text: str
    small: tuple = ()
    best: bool = False
    notes: tuple = ()


@dataclasses.dataclass(frozen=True)
class Table:
    """A table that scrolls in itself where it is wider than the screen; its first column stays.

    Attributes:
        caption: text above it.
        header: texts of the column headings.
        rows: lists of texts or `Cell`s, as many as headings; the first one is the heading of its row.
        notes: texts below it, numbered from 1, to which cells refer.
        is_text: whether its cells hold sentences, which are wrapped, rather than numbers, which are not.
    """

    caption: str
    header: list
    rows: list
    notes: tuple = ()
    is_text: bool = False
    kind = "table"


@dataclasses.dataclass(frozen=True)
class Paragraph:
    """A paragraph; a warning is set off from the rest."""

    text: str
    is_warning: bool = False
    kind = "paragraph"


@dataclasses.dataclass(frozen=True)
class Heading:
    """The heading of a part of a section."""

    text: str
    kind = "heading"


@dataclasses.dataclass(frozen=True)
class Preformatted:
    """Lines as they are, such as commands or a configuration; `label` names them for who does not see them."""

    text: str
    label: str
    kind = "preformatted"


@dataclasses.dataclass(frozen=True)
class Charts:
    """Charts side by side as the screen allows, under one legend if their lines are the same."""

    charts: list[Chart]
    kind = "charts"

    @property
    def legend(self):
        """The legend of all charts; None if they have different ones."""
        legends = [chart.legend for chart in self.charts]
        return legends[0] if len(legends) > 1 and all(legend == legends[0] for legend in legends) else None


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture inside the page.

    Attributes:
        source: data URI.
        description: alternative text.
        title: first line below it.
        caption: further text below it.
        width, height: in pixels, so that the page does not move while it loads.
    """

    source: str
    description: str
    title: str = ""
    caption: str = ""
    width: int = 0
    height: int = 0


@dataclasses.dataclass(frozen=True)
class Pictures:
    """Pictures side by side as the screen allows."""

    pictures: list[Picture]
    kind = "pictures"


@dataclasses.dataclass(frozen=True)
class Films:
    """Pictures of several runs over the steps, all moved by one slider; without a script they are rows that scroll.

    Attributes:
        films: {name of a run: {step: `Picture`}}, steps ascending.
    """

    films: dict
    kind = "films"

    @property
    def steps(self):
        """All steps, ascending: the places of the slider."""
        return sorted({step for frames in self.films.values() for step in frames})


@dataclasses.dataclass(frozen=True)
class Details:
    """Parts that are shown on request, and printed."""

    summary: str
    parts: list
    is_open: bool = False
    kind = "details"


@dataclasses.dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes:
        title: heading, which the contents at the top lead to.
        parts: list of the other classes here.
    """

    title: str
    parts: list
