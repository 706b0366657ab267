"""The table of scores: one line per row, or within the width of a terminal."""

import pytest

from compare_gan2.evaluation.score_table import score_table
from compare_gan2.run_folder.scores import Score

REASON = "kid_of_subsets.subset_size: expected at most 500, the smaller number of images, got 1000; bind another size"


def score(metric, value=None, **others):
    others = {
        "std": None,
        "num_real": 5,
        "num_fake": 5,
        "split": "test",
        "network": "digits",
        "weights": "ema",
    } | others
    return Score(checkpoint="a", step=1, metric=metric, value=value, bn_statistics="moving", seed=0, **others)


SCORES = [
    score("fid", 12.3456789, low=11.0, high=13.5),
    score("kid_of_subsets", reason=REASON),
    score("kid_of_subsets_std", reason=REASON),
    score("kid_standard_error", caution="not defined for a single block"),
    score("classifier_score_of_splits_std", 1.0, caution="a-word-" * 20),
]


def test_one_line_per_row_where_there_is_no_width():
    lines = score_table(SCORES).splitlines()
    assert len(lines) == 1 + len(SCORES)
    assert lines[0].split() == ["metric", "value", "95", "%", "interval", "caution"]
    assert lines[1].split() == ["fid", "12.3457", "11", "to", "13.5"]
    assert lines[2].endswith(f"  {REASON}") and lines[3].endswith(f"  {REASON}")
    assert lines[2].split()[:2] == ["kid_of_subsets", "failed"] and lines[4].split()[:2] == ["kid_standard_error", "-"]
    start = lines[0].index("caution")
    assert all(line[start - 2 : start] == "  " for line in lines[2:])


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_lines_fit_the_width_and_hold_every_word(width):
    text = score_table(SCORES, width, [None, 0.4, 0.4, 1, 2])
    assert max(map(len, text.splitlines())) <= width
    assert " ".join(text.split()).count("bind another size") == 1 and "as above" in text
    for word in (*REASON.split(), "truncation", "none", "0.4"):
        assert word in text
    assert "".join(text.split()).count("a-word-") == 20


def test_sentences_are_beside_their_row_where_there_is_room_and_below_it_elsewhere():
    wide, narrow = score_table(SCORES, 140).splitlines(), score_table(SCORES, 70).splitlines()
    start = wide[0].index("caution")
    (number,) = [number for number, line in enumerate(wide) if line.startswith("kid_of_subsets ")]
    assert wide[number + 1][:start].isspace() and wide[number + 1][start] != " "
    (number,) = [number for number, line in enumerate(narrow) if line.startswith("kid_of_subsets ")]
    assert narrow[number + 1].startswith("    kid_of_subsets.subset_size: expected")
