"""One HTML file from the parts of a page: it needs no other file and no network, and can be read without its script."""

import functools
import re

from compare_gan2.ground import files
from compare_gan2.reporting.palette import line_colors


def write_page(path, title, lead, sections, footer):
    """Writes the page, whole or not at all.

    Args:
        path: of the file; missing folders are made.
        title: heading and title of the page.
        lead: text below it.
        sections: list of `page_parts.Section`; those without parts are left out.
        footer: text at the end.

    Raises:
        OSError: if the file cannot be written.
    """
    text = page(title, lead, sections, footer)
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as file:
        file.write(text.encode())


def page(title, lead, sections, footer):
    """Text of the HTML file; see `write_page`."""
    sections = [section for section in sections if section.parts]
    body = _templates().get_template("body.html").render(title=title, lead=lead, sections=sections, footer=footer)
    count = 1 + max(map(int, re.findall(r"var\(--line-(\d+)\)", body)), default=-1)
    colors = list(zip(line_colors(count), line_colors(count, dark=True), strict=True))
    return _templates().get_template("page.html").render(title=title, body=body, colors=colors)


@functools.cache
def _templates():
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("compare_gan2.reporting"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    return environment


def _breakable(cell):
    """A text, escaped, that may be broken after the dots, dashes and slashes of long names, but not within a number.

    A `Cell` stays as it is.
    """
    if not isinstance(cell, str):
        return cell
    from markupsafe import Markup, escape

    return Markup(re.sub(r"([.-](?=[^\W\d])|[_/=](?=\w))", r"\1<wbr>", str(escape(cell))))
