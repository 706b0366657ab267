"""Figures of a study's archive: pictures for documents, with axes of one look."""

import io

from compare_gan2.reporting.palette import AXIS, GRID, INK


def figure_of(width, height, dpi):
    """An empty matplotlib Figure on white, width and height in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)  # not pyplot, which would keep state and choose a backend
    return figure


def decorate(panel):
    """Gives a panel horizontal grid lines and two axes."""
    panel.grid(True, axis="y", color=GRID, linewidth=0.8)
    panel.set_axisbelow(True)
    panel.tick_params(colors=INK)
    for side, spine in panel.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(AXIS)


def log_axis(panel, values):
    """Whether all values are positive; if so, makes the y axis logarithmic, with plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if not values or min(values) <= 0:
        return False
    panel.set_yscale("log", nonpositive="clip")
    wide = max(values) / min(values) > 10
    panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if wide else (1, 1.5, 2, 3, 4, 5, 6, 7, 8)))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.yaxis.set_minor_formatter(NullFormatter())
    return True


def png_of(figure):
    """The figure as PNG bytes."""
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})  # the same bytes with every version of matplotlib
    return file.getvalue()
