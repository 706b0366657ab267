"""Which rows may be compared, and the marks of those that are mixed."""

import pytest

from compare_gan2.reporting.protocols import Marks, differences, protocol_of, protocol_table
from compare_gan2.run_folder.scores import PROTOCOL


def row(**changes):
    fields = dict.fromkeys(PROTOCOL, "x") | {"label_prior": "uniform"}
    return fields | {"value": "1", "seed": "0", "code_version": "1"} | changes


def test_rows_of_one_protocol_do_not_differ():
    assert differences([row(), row(seed="1", value="2", code_version="2")]) == {}
    assert differences([]) == {}


@pytest.mark.parametrize("field", PROTOCOL)
def test_every_field_of_the_protocol_counts(field):
    before = row()[field]
    assert differences([row(), row(**{field: "other"})]) == {field: sorted([before, "other"])}


@pytest.mark.parametrize("field", PROTOCOL)
def test_unknown_is_not_the_same_as_known(field):
    assert differences([row(), row(**{field: ""})]) == {field: sorted([row()[field], "unknown"])}
    old = {name: text for name, text in row().items() if name != field}
    assert protocol_of(old)[field] == "unknown"
    assert differences([old, old]) == {}


def test_models_without_labels_can_be_compared_with_others():
    assert differences([row(label_prior="none"), row(), row(label_prior="none")]) == {}
    assert differences([row(label_prior="empirical"), row(), row(label_prior="none")]) == {
        "label_prior": ["empirical", "uniform"]
    }


def test_marks():
    rows = [row(), row(resize="clean"), row(resize="tf1_bilinear", split="train")]
    marks = Marks(["resize", "split"])
    assert marks.of(rows[:1]) == " [a]"
    assert marks.of(rows[2:]) == " [b]"
    assert marks.of(rows) == " [a, b, c]"
    assert marks.legend() == [
        "[a]: resize x; split x",
        "[b]: resize tf1_bilinear; split train",
        "[c]: resize clean; split x",
    ]


def test_letters_continue_after_z():
    marks = Marks(["split"])
    found = [marks.of([row(split=f"{number:02}")]) for number in range(28)]
    assert found[25:] == [" [z]", " [aa]", " [ab]"]


def test_table_lists_what_differs_and_leaves_out_what_nobody_knows():
    rows = [row(metric="fid", split="train", resize=""), row(metric="fid", resize=""), row(metric="kid", resize="")]
    table = protocol_table(rows, {"fid": "FID", "kid": "KID"})
    assert table.header == ["", "FID", "KID"]
    lines = {name: cells for name, *cells in table.rows}
    assert lines["split"] == ["train, x", "x"] and "resize" not in lines
