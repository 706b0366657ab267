import pytest

from compare_gan2.reporting.palette import DARK_PAPER, LEAST_CONTRAST, PAPER, contrast, line_colors


@pytest.mark.parametrize("dark", [False, True])
def test_lines_differ_and_can_be_seen(dark):
    colors = line_colors(60, dark)
    assert len(set(colors)) == 60
    paper = DARK_PAPER if dark else PAPER
    assert not {color: contrast(color, paper) for color in colors if contrast(color, paper) < LEAST_CONTRAST}


def test_a_line_keeps_its_colour_whatever_the_number_of_lines():
    assert line_colors(30)[:7] == line_colors(7) and line_colors(0) == []


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the usual example, just below 4.5
