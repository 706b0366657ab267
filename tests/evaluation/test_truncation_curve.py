"""Curves of truncations: what is in the table and what is drawn where."""

import csv

import numpy as np
import pytest
from PIL import Image

from compare_gan2.evaluation.truncation_curve import draw, write
from compare_gan2.run_folder.scores import Score


def score(metric, value, low=None, high=None, **others):
    others = {"num_real": 5, "num_fake": 5, "split": "test", "network": "digits", "weights": "ema"} | others
    return Score("a", 1, metric, value, None, bn_statistics="moving", seed=0, low=low, high=high, **others)


CURVE = [
    (0.5, score("fid", 9.0, 8.0, 10.0)),
    (0.5, score("classifier_score", 2.0)),
    (1.0, score("fid", 5.0, 4.0, 6.0, caution="few, images")),
    (1.0, score("classifier_score", None, reason="all images\nare constant")),
    (None, score("fid", 4.0, 3.0, 5.0)),
    (None, score("classifier_score", 1.5)),
]


def test_panels():
    figure = draw(CURVE)
    trade_off, fid, quality = figure.axes
    (line,) = trade_off.lines
    assert line.get_xydata().tolist() == [[2.0, 9.0], [1.5, 4.0]]  # by truncation; 1.0 has failed
    assert [text.get_text() for text in trade_off.texts] == ["0.5", "none"]
    curve, whole = fid.lines
    assert list(curve.get_xdata()) == [0.5, 1.0] and list(curve.get_ydata()) == [9.0, 5.0]
    assert set(whole.get_ydata()) == {4.0} and fid.get_title() == "FID (lower is better)"
    band = fid.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == 4.0 and band[:, 1].max() == 10.0
    assert list(quality.lines[0].get_xdata()) == [0.5] and not quality.collections


def test_a_row_that_failed_everywhere_says_so():
    (panel,) = draw([(bound, score("kid", None, reason="no images")) for bound in (1, 2, None)]).axes
    assert [text.get_text() for text in panel.texts] == ["failed"] and not panel.lines


def test_files(tmp_path):
    write(tmp_path / "curve.csv", tmp_path / "curve.png", CURVE)
    with open(tmp_path / "curve.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == dict(truncation="0.5", metric="fid", value="9.0", low="8.0", high="10.0", caution="", reason="")
    assert (rows[2]["caution"], rows[3]["value"], rows[3]["reason"]) == ("few, images", "", "all images are constant")
    assert [row["truncation"] for row in rows[::2]] == ["0.5", "1", "none"]
    with Image.open(tmp_path / "curve.png") as picture:
        pixels = np.asarray(picture.convert("RGB"), int)
    assert picture.size == (1440, 384)
    assert np.sum(np.abs(pixels - (0, 0x72, 0xB2)).max(axis=2) < 8) > 300  # lines are drawn


def test_no_file_is_left_where_none_can_be_written(tmp_path):
    with pytest.raises(OSError):
        write(tmp_path / "absent" / "curve.csv", tmp_path / "curve.png", CURVE)
    assert not list(tmp_path.iterdir())


def test_a_distance_on_another_network_has_its_name():
    curve = [
        (bound, score("frechet_distance" if s.metric == "fid" else s.metric, s.value, reason=s.reason))
        for bound, s in CURVE
    ]
    trade_off, distance, _ = draw(curve).axes
    assert trade_off.get_ylabel() == "Fréchet distance (lower is better)" == distance.get_title()
    assert trade_off.get_title() == "Fréchet distance over classifier score, by truncation"


def test_labels_that_would_cover_others_are_hidden():
    values = {0.5: (9.0, 2.0), 1.0: (5.0, 1.5), 1.1: (5.001, 1.5), 1.2: (5.002, 1.5), None: (5.003, 1.5)}
    curve = [
        (bound, score(metric, value))
        for bound, both in values.items()
        for metric, value in zip(("fid", "classifier_score"), both, strict=True)
    ]
    texts = draw(curve).axes[0].texts
    assert [text.get_text() for text in texts] == ["0.5", "1", "1.1", "1.2", "none"]
    shown = [text for text in texts if text.get_visible()]
    assert [text.get_text() for text in shown][:: len(shown) - 1] == ["0.5", "none"] and len(shown) < 5
    boxes = [text.get_window_extent() for text in shown]
    assert not any(a.overlaps(b) for a in boxes for b in boxes if a is not b)
