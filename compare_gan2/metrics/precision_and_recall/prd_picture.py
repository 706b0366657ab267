"""Pictures of precision over recall."""

from compare_gan2.ground import files


def plot_prd(path, curves):
    """Writes the figure of `draw_prd` as a PNG file of 525 x 525 pixels, completely or not at all.

    Raises:
        ValueError: as `draw_prd`.
        OSError: when the disk is full or the folder cannot be written.
    """
    figure = draw_prd(curves)
    with files.replacing(path) as file:
        figure.savefig(file, format="png")


def draw_prd(curves):
    """matplotlib Figure: precision over recall, both axes from 0 to 1.

    Args:
        curves: {label: `prd.Prd`}; the label of a single curve is not drawn if it is empty.

    Raises:
        ValueError: if `curves` is empty.
    """
    if not curves:
        raise ValueError("prd: there is no curve to draw")
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # here: slow to import
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.5, 3.5), dpi=150, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    panel = figure.add_subplot()
    for label, curve in curves.items():
        # Points at 0 and 1 are drawn over the frame: a curve may be a single corner.
        style = dict(label=label or None, alpha=0.5, clip_on=False, zorder=3)
        panel.plot(curve.recall, curve.precision, linewidth=3, marker="o", markersize=3, **style)
    if not any(max(curve.f8, curve.f1_8) > 0 for curve in curves.values()):
        panel.text(
            0.5, 0.5, "precision and recall are 0:\nno cluster holds both real\nand generated images", ha="center"
        )
    panel.set(xlim=(0, 1), ylim=(0, 1), xlabel="recall", ylabel="precision", aspect="equal")
    if any(curves):
        panel.legend(loc="lower left", fontsize=8)
    return figure
