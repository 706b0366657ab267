import dataclasses

import pytest
from support.written_run import score, write_run

from compare_gan2.metrics import table  # noqa: F401, registers the shipped metrics
from compare_gan2.reporting.page_parts import Details, Paragraph, Table
from compare_gan2.reporting.run_facts import read_runs
from compare_gan2.reporting.score_tables import best_of, score_parts


def runs_with(tmp_path, *scores):
    folders = [write_run(tmp_path / f"run{number}", scores=list(found)) for number, found in enumerate(scores)]
    return read_runs(folders)


def of_kind(parts, kind):
    return [part for part in parts if isinstance(part, kind)]


def bold(found):
    return [cell.text for row in found.rows for cell in row if getattr(cell, "best", False)]


def test_best_is_what_the_metric_says():
    values = {"a": (1.0, ""), "b": (2.0, ""), "c": (1.0, "")}
    assert best_of(values, "fid") == {"a", "c"} and best_of(values, "conditional_accuracy") == {"b"}
    assert best_of({"a": (1.0, ""), "b": (1.0, "")}, "fid") == set() == best_of({}, "fid")
    assert best_of(values, "nobodys_metric") == set()
    assert best_of({"a": (1.0, "[a]"), "b": (2.0, "[b]"), "c": (3.0, "[b]")}, "fid") == {"b"}


def test_one_run_has_a_row_per_checkpoint(tmp_path):
    runs = runs_with(tmp_path, [score(0, 40.0), score(20, 3.0), score(40, 5.0), score(40, 0.9, "conditional_accuracy")])
    parts = score_parts(runs)
    (found,) = of_kind(parts, Table)
    assert found.header == ["", "FID (lower is better)", "Conditional accuracy (higher is better)"]
    assert [row[0].text for row in found.rows] == ["step 0", "step 20", "step 40"]
    assert (found.rows[1][1].text, found.rows[1][1].small) == ("3 ± 0.1", ("[2.5, 3.5]",))
    assert bold(found) == ["3 ± 0.1"] and found.rows[1][2] == "-"


def test_several_runs_have_a_row_each_and_all_checkpoints_on_request(tmp_path):
    runs = runs_with(tmp_path, [score(0, 40.0), score(40, 5.0)], [score(20, 4.0)], [])
    parts = score_parts(runs)
    found = of_kind(parts, Table)[0]
    assert [(row[0].text, row[0].small) for row in found.rows] == [
        ("run0", ("step 40",)),
        ("run1", ("step 20",)),
        ("run2", ("not scored",)),
    ]
    assert bold(found) == ["4 ± 0.1"] and found.rows[2][1] == "-"
    summaries = [part.summary for part in of_kind(parts, Details)]
    assert summaries == ["All 2 scored checkpoints of run0", "Protocol: how these scores were made"]


def test_best_checkpoint_has_a_row_of_its_own(tmp_path):
    runs = runs_with(tmp_path, [score(20, 3.0), score(40, 5.0)], [score(40, 4.0)])
    (tmp_path / "run0" / "best.json").write_text('{"step": 20}')
    found = of_kind(score_parts(read_runs([run.files.path for run in runs])), Table)[0]
    assert [row[0].small for row in found.rows][:2] == [("step 40",), ("step 20, the best by best.json",)]
    assert bold(found) == ["3 ± 0.1"]


def test_cautions_and_failures_lead_to_their_reasons(tmp_path):
    failed = dataclasses.replace(score(40, 1.0, "kid"), value=None, std=None, low=None, high=None, reason="no disk")
    scores = [score(20, 3.0, caution="few images"), score(40, 2.0, caution="few images"), failed]
    found = of_kind(score_parts(runs_with(tmp_path, scores)), Table)[0]
    assert found.notes == ("few images", "no disk")
    assert [row[1].notes for row in found.rows] == [(1,), (1,)]
    assert (found.rows[1][2].text, found.rows[1][2].notes) == ("failed", (2,))


@pytest.mark.parametrize("changes", [{"num_fake": 500}, {"network": "inception"}, {"dataset": "cifar10"}])
def test_different_protocols_are_marked_and_not_compared(tmp_path, changes):
    runs = runs_with(tmp_path, [score(40, 5.0)], [score(40, 4.0, **changes)], [score(40, 6.0)])
    parts = score_parts(runs)
    found = of_kind(parts, Table)[0]
    assert [row[1].text for row in found.rows] == ["5 ± 0.1 [a]", "4 ± 0.1 [b]", "6 ± 0.1 [a]"]
    assert bold(found) == ["5 ± 0.1 [a]"]
    (warning,) = [part for part in of_kind(parts, Paragraph) if part.is_warning]
    assert warning.text.startswith("Protocols of FID (lower is better) that are not comparable: [a]: ")


def test_without_scores_it_says_so(tmp_path):
    (part,) = score_parts(runs_with(tmp_path, []))
    assert part.is_warning and part.text == "No checkpoint has scores yet."
