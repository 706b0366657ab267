"""Scores as a table for a terminal."""


def score_table(scores):
    """Text of a list of `Score`: a line per row with value, 95 % interval, and caution or reason of a failure."""
    lines = [("metric", "value", "95 % interval", "caution")]
    for score in scores:
        value = "failed" if score.has_failed else "-" if score.value is None else f"{score.value:.6g}"
        interval = "" if score.low is None else f"{score.low:.4g} to {score.high:.4g}"
        lines.append((score.metric, value, interval, score.reason or score.caution))
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join("  ".join(cells).rstrip() for cells in padded)
