"""Colours of pictures and pages: any number of lines, no two alike, each visible on its background."""

import colorsys

INK, GRID, AXIS = (
    "#222222",
    "#e4e4e4",
    "#888888",
)  # of text, of grid lines, of axes, in pictures with a white background
PAPER, DARK_PAPER = "#ffffff", "#14171a"
LEAST_CONTRAST = 3.0  # of a line and its background, as WCAG 2.1 (1.4.11) asks of graphics
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")  # matplotlib's
MARKER_SIGNS = ("●", "■", "▲", "◆", "▼", "✚", "✖", "★")  # the same in text
_LIGHT = (
    *("#0072b2", "#d55e00", "#00795a", "#b0518c", "#7a5c00", "#2f8fbf"),
    *("#7a5195", "#555555", "#a11d33", "#4d7c0f", "#1d9090", "#3b3b98"),
)
_DARK = (
    *("#56b4e9", "#ff9e5e", "#3ddba8", "#f29ccb", "#e9c46a", "#9adcff"),
    *("#c3a1e6", "#b8b8b8", "#ff7f90", "#a3d65c", "#5fc9c5", "#9aa5ff"),
)


def line_colors(count, dark=False):
    """List of `count` different colours, such as "#0072b2"; the first twelve can be told apart by most eyes.

    Args:
        count: of lines.
        dark: whether the background is `DARK_PAPER`, else `PAPER`; line N has the same place in both lists.
    """
    colors = list(_DARK if dark else _LIGHT)[:count]
    paper = DARK_PAPER if dark else PAPER
    number = 0
    while len(colors) < count:
        hue, lightness = number * 0.61803 % 1, (0.72 if dark else 0.34) + (0.05 if dark else -0.05) * (number % 4)
        color = _hexadecimal(colorsys.hls_to_rgb(hue, lightness, 0.65))
        if color not in colors and contrast(color, paper) >= LEAST_CONTRAST:
            colors.append(color)
        number += 1
    return colors


def contrast(first, second):
    """Ratio of the luminances of two colours, 1 to 21, as WCAG 2.1 defines it."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(color):
    parts = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _hexadecimal(color):
    return "#" + "".join(f"{round(255 * part):02x}" for part in color)
