"""Parts of one HTML page that needs no other file: pictures are data URIs, text is escaped, no scripts."""

import base64
import html

_STYLE = """
body { background: #fff; color: #222; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 62rem; padding: 1rem }
h1 { font-size: 1.6rem; line-height: 1.2 }
h2 { border-top: 1px solid #ccc; font-size: 1.25rem; margin-top: 2.2rem; padding-top: 1rem }
h3 { font-size: 1.05rem; margin-bottom: 0.3rem; overflow-wrap: anywhere }
.wide { max-width: 100%; overflow-x: auto }
table { border-collapse: collapse; font-size: 0.92rem; margin-bottom: 1rem }
caption { font-weight: 600; padding: 0.3rem 0; text-align: left }
th, td { border-bottom: 1px solid #ddd; padding: 0.35rem 0.7rem; text-align: left; vertical-align: top }
td { font-variant-numeric: tabular-nums; white-space: nowrap }
small { color: #555; display: block }
img { height: auto; max-width: 100% }
.chart { max-width: none; min-width: 36rem; width: 100% }
.side { display: flex; flex-wrap: wrap; gap: 1rem }
figure { flex: 0 1 18rem; margin: 0 }
figcaption { font-size: 0.9rem; overflow-wrap: anywhere }
pre { background: #f4f4f4; font-size: 0.85rem; overflow-x: auto; padding: 0.7rem }
.note { background: #fff6e0; border-left: 4px solid #b36b00; overflow-wrap: anywhere; padding: 0.5rem 0.8rem }
"""


def page(title, parts):
    """The whole page, from parts that are HTML already."""
    head = '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    head += f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>"
    body = "\n".join([element("h1", title), *parts])
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'


def element(name, text, kind=""):
    """An element with text, which is escaped."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<{name}{attribute}>{html.escape(text)}</{name}>"


def lines(*texts):
    """The first text with the others below it as smaller lines, all escaped; empty texts are left out."""
    first, *others = (text for text in texts if text)
    return html.escape(first) + "".join(element("small", text) for text in others)


def table(caption, header, rows):
    """A table that scrolls if it is wider than the screen.

    Args:
        caption: text above it.
        header: texts of the column headings.
        rows: lists of cells that are HTML already; the first one is the heading of its row.
    """
    head = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in header)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for first, *cells in rows
    )
    whole = f"{element('caption', caption)}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>"
    return f'<div class="wide" tabindex="0"><table>\n{whole}\n</table></div>'


def image(png, description, kind=""):
    """A PNG inside the page, with alternative text."""
    data = base64.b64encode(png).decode()
    attribute = f' class="{kind}"' if kind else ""
    return f'<img{attribute} src="data:image/png;base64,{data}" alt="{html.escape(description)}">'


def chart(png, description):
    """A picture that scrolls where shrinking would make it unreadable."""
    return f'<div class="wide" tabindex="0">{image(png, description, "chart")}</div>'


def figure(png, description, heading, caption):
    """A picture with heading and caption, to be put beside others."""
    text = f"<strong>{html.escape(heading)}</strong>{element('small', caption)}"
    return f"<figure>{image(png, description)}<figcaption>{text}</figcaption></figure>"
