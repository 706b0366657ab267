import numpy as np
import pytest
from PIL import Image

from compare_gan2.metrics.precision_and_recall.prd import Prd
from compare_gan2.metrics.precision_and_recall.prd_picture import draw_prd, plot_prd

CURVE = Prd(0.5, 0.6, np.array([0.1, 0.5, 1.0]), np.array([0.9, 0.4, 0.0]))


def test_recall_is_to_the_right_and_labels_are_shown():
    (panel,) = draw_prd({"step 100": CURVE, "step 200": CURVE}).axes
    assert [text.get_text() for text in panel.get_legend().get_texts()] == ["step 100", "step 200"]
    assert np.array_equal(panel.lines[0].get_xdata(), CURVE.recall)
    assert np.array_equal(panel.lines[0].get_ydata(), CURVE.precision)
    assert panel.get_xlim() == panel.get_ylim() == (0, 1)


def test_one_curve_needs_no_label(tmp_path):
    plot_prd(tmp_path / "prd.png", {"": CURVE})
    with Image.open(tmp_path / "prd.png") as picture:
        assert picture.size == (525, 525)
        assert np.asarray(picture.convert("L")).min() < 200  # something is drawn
    assert draw_prd({"": CURVE}).axes[0].get_legend() is None


def test_no_curve_is_refused():
    with pytest.raises(ValueError, match="there is no curve"):
        draw_prd({})
