import json

import pytest
from support.written_run import write_run

from compare_gan2.ground import sealed_files
from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.reporting import inferred_summary
from compare_gan2.reporting.run_facts import read_runs
from compare_gan2.reporting.run_summary import summary_table

CLASSES = {"accuracy": 0.9634, "true_labels": 4000, "per_class": [380, 1420]}
CLASSES |= {"confidence_median": 0.97, "confidence_tenth": 0.614}


@pytest.mark.parametrize(
    "manifest, words",
    [
        (None, "none"),
        ({}, "no true labels to compare with"),
        (CLASSES, "96.3% of 4,000 right; 380 to 1,420 images per class; half of them surer than 0.97, "
                  "a tenth less sure than 0.61; not calibrated"),
        ({"per_class": [1, 2], "confidence_median": 1, "confidence_tenth": 1, "ece": 0.0123},
         "1 to 2 images per class; half of them surer than 1.00, a tenth less sure than 1.00; calibration error 0.012"),
        ({"purity": 0.874, "nmi": 0.77, "cluster_sizes": [3, 9]}, "purity 0.87, NMI 0.77; 3 to 9 images per cluster"),
    ],
)  # fmt: skip
def test_words(manifest, words):
    assert inferred_summary.in_words(manifest) == words


def test_runs_with_inferred_labels_have_a_row(tmp_path):
    first, second = (write_run(tmp_path / name) for name in "ab")
    rows = [row[0] for row in summary_table(read_runs([first])).rows]
    assert "inferred labels" not in rows
    sealed_files.write(tmp_path / "a" / inferred_summary.NAME, json.dumps(CLASSES).encode())
    rows = {name: cells for name, *cells in summary_table(read_runs([first, second])).rows}
    assert rows["inferred labels"][0].startswith("96.3% of 4,000 right") and rows["inferred labels"][1] == "none"


def test_a_damaged_manifest_is_noted(tmp_path):
    folder = write_run(tmp_path / "a")
    sealed_files.write(tmp_path / "a" / inferred_summary.NAME, b"{}")
    (tmp_path / "a" / inferred_summary.NAME).write_bytes(b"{")
    (run,) = read_runs([folder])
    assert run.inferred is None and inferred_summary.NAME in run.problems[0]


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[]", '{"accuracy": "high", "true_labels": 3}', '{"accuracy": 0.5}', "{"]
)
def test_facts_of_other_types_are_named(tmp_path, text):
    (tmp_path / "inferred_labels.json").write_text(text)
    with pytest.raises(DamagedFileError, match="labels.json: expected facts of inferred labels, got ") as caught:
        inferred_summary.read(tmp_path)
    assert "\n" not in str(caught.value)
