"""Scores as a table for a terminal."""

import textwrap

_NARROWEST = 28  # characters of a column of sentences that can still be read


def score_table(scores, width=None, truncations=None):
    """Text of a list of `Score`: a line per row with value, 95 % interval, and caution or reason of a failure.

    Args:
        scores: list of `Score`.
        width: characters per line; sentences are wrapped in their column, or below their row if that were too narrow.
            None: one line per row, however long.
        truncations: number of each score, or None for none; they come first. None: no such column.
    """
    lines = [["metric", "value", "95 % interval", "caution"]]
    for score in scores:
        value = "failed" if score.has_failed else "-" if score.value is None else f"{score.value:.6g}"
        interval = "" if score.low is None else f"{score.low:.4g} to {score.high:.4g}"
        lines.append([score.metric, value, interval, score.reason or score.caution])
    if truncations is not None:
        names = ["truncation", *("none" if bound is None else f"{bound:g}" for bound in truncations)]
        lines = [[name, *line] for name, line in zip(names, lines, strict=True)]
    widths = [max(len(cell) for cell in column) for column in list(zip(*lines, strict=True))[:-1]]
    text = []
    before = ""
    for *cells, sentence in lines:
        start = "  ".join(cell.ljust(most) for cell, most in zip(cells, widths, strict=True))
        # Rows of one metric fail for one reason; where lines are wrapped it would fill the screen.
        repeated = width is not None and sentence == before and len(sentence) > _NARROWEST
        text += _row(start, "as above" if repeated else " ".join(sentence.split()), width)
        before = sentence
    return "\n".join(text)


def _row(start, sentence, width):
    """Lines of one row: its first columns and a sentence."""
    if width is None:
        return [f"{start}  {sentence}".rstrip()]
    room, below = width - len(start) - 2, []
    if room < _NARROWEST and sentence:
        below = textwrap.wrap(sentence, max(width - 4, 1), break_on_hyphens=False)
        return [*_cut(start.rstrip(), width), *(f"    {line}" for line in below)]
    first, *below = textwrap.wrap(sentence, max(room, 1), break_on_hyphens=False) or [""]
    return [*_cut(f"{start}  {first}".rstrip(), width), *(" " * (len(start) + 2) + line for line in below)]


def _cut(line, width):
    return textwrap.wrap(line, width, subsequent_indent="    ", break_on_hyphens=False) if len(line) > width else [line]
