import csv
import dataclasses
import io
import math

import numpy as np
import pytest

from compare_gan2.ground.errors import ConfigError
from compare_gan2.studies.document import put_table
from compare_gan2.studies.label_fractions import PerClass
from compare_gan2.studies.markdown import markdown_table
from compare_gan2.studies.plan import Setting, Study, settings_of
from compare_gan2.studies.results import RESULT_COLUMNS
from compare_gan2.studies.summary import Summary, difference

STUDY = Study(["s3gan.gin", "mnist_5k/ssgan.gin"], [0, 1], "unused.csv")
FRACTIONS = Study(
    ["a/biggan.gin", "a/s2gan.gin", "a/ssgan.gin"],
    [0, 1, 2],
    "unused.csv",
    vary={"labels.fraction": [0.1, 0.025]},
    vary_only=["a/s2gan.gin"],
    baseline="a/biggan.gin",
)
TENTH, FORTIETH = (Setting("a/s2gan.gin", f"labels.fraction = {share}") for share in (0.1, 0.025))


def row(config, seed, value, step=8, metric="fid", bindings="", **changes):
    cells = dict(config=config, seed=str(seed), value=str(value), step=str(step), metric=metric, bindings=bindings)
    return dict.fromkeys(RESULT_COLUMNS, "x") | {"caution": ""} | cells | changes


def fraction_rows():
    values = {Setting("a/biggan.gin"): (1.0, 2.0, 3.0), TENTH: (4.0, 5.0, 6.5), FORTIETH: (7.0,)}
    return [
        row(setting.config, seed, value, bindings=setting.bindings)
        for setting, seeds in values.items()
        for seed, value in enumerate(seeds)
    ]


def summary_of(study, rows, **options):
    """`Summary` where a setting has the label fraction that its bindings name, and no other."""
    fractions = {}
    for setting in settings_of(study):
        bound = [part for part in setting.bindings.split("; ") if part.startswith("labels.fraction")]
        fractions[setting] = 100 * float(bound[0].split("=")[1]) if bound else None
    return Summary(study, rows, fractions, **options)


def table_of(study, rows, **options):
    return markdown_table(summary_of(study, rows, **options))


def test_table_takes_the_last_checkpoint_of_each_run():
    rows = [row("s3gan.gin", seed, value, step) for seed in (0, 1) for step, value in ((0, 40.0), (8, 2.0 + seed))]
    rows += [row("mnist_5k/ssgan.gin", 0, value, step) for step, value in ((0, 40.0), (8, 2.0))]
    table = table_of(STUDY, rows).splitlines()
    assert table[0] == "| Config | Runs | FID | FID before training / after |"
    assert table[2] == "| `s3gan.gin` | 2 | 2.5 ± 0.71 | 16.67 ± 4.7 |"  # 40/2 and 40/3
    assert table[3] == "| `mnist_5k/ssgan.gin` | 1 | 2 | 20 |"


def test_rows_outside_the_plan_and_failed_scores_do_not_count():
    rows = [row("s3gan.gin", 0, 2.0), row("s3gan.gin", 7, 9.0), row("other.gin", 0, 9.0), row("s3gan.gin", 1, "")]
    rows.append(row("s3gan.gin", 0, 9.0, bindings="options.z_dim = 32"))
    summary = summary_of(STUDY, rows)
    assert summary.settings == [Setting("s3gan.gin")]
    assert summary.cell(Setting("s3gan.gin"), "fid").values == {0: 2.0}


def test_runs_that_end_earlier_are_not_counted_and_named():
    rows = [row("s3gan.gin", 0, 2.0), row("s3gan.gin", 0, 7.0, metric="classifier_score")]
    rows += [row("s3gan.gin", 1, 9.0, step=4), row("s3gan.gin", 1, "", step=8)]
    rows += [row("mnist_5k/ssgan.gin", 0, 3.0, step=4), row("mnist_5k/ssgan.gin", 1, "")]
    assert table_of(STUDY, rows).splitlines()[2:] == [
        "| `s3gan.gin` | 1 | 2 | 7 | - |",
        "| `mnist_5k/ssgan.gin` | 1 | 3 | - | - |",
        "",
        "s3gan.gin, seed 1, is not in the means: its last scores are of step 4, those of other seeds of step 8.",
        "",
        "mnist_5k/ssgan.gin, seed 1, is not in the means: none of its scores has a value.",
    ]
    rows.append(row("s3gan.gin", 1, 8.0, metric="classifier_score"))
    assert table_of(STUDY, rows).splitlines()[2] == "| `s3gan.gin` | 2 | 2 (1) | 7.5 ± 0.71 | - |"


def test_different_numbers_of_threads_are_said():
    rows = [row("s3gan.gin", 0, 2.0, threads="2"), row("s3gan.gin", 1, 2.0, threads="2")]
    assert "threads" not in table_of(STUDY, rows)
    rows.append(row("mnist_5k/ssgan.gin", 0, 2.0, threads=""))
    note = "Runs had different numbers of threads (2, unknown): their rounding differs."
    assert table_of(STUDY, rows).splitlines()[-1] == note


def test_fractions_are_columns():
    assert table_of(FRACTIONS, fraction_rows()).splitlines() == [
        "| FID | without a fraction | 2.5 % | 10 % |",
        "|---|---|---|---|",
        "| `biggan` | 2 ± 1 (3) | - | - |",
        "| `s2gan` | - | 7 (1) | 5.167 ± 1.3 (3) |",
    ]


def test_numbers_per_class_are_columns_and_all_labels_the_last_one():
    study = Study(["a.gin", "b.gin"], [0], "unused.csv", vary={"labels.per_class": [10, 4, None]}, vary_only=["b.gin"])
    rows = [row(s.config, 0, value, bindings=s.bindings) for value, s in enumerate(settings_of(study), 1)]
    fractions = dict(zip(settings_of(study), (None, PerClass(10.0), PerClass(4.0), PerClass(math.inf)), strict=True))
    summary = Summary(study, rows, fractions)
    assert markdown_table(summary).splitlines() == [
        "| FID | without a fraction | 4 per class | 10 per class | all labels |",
        "|---|---|---|---|---|",
        "| `a` | 1 (1) | - | - | - |",
        "| `b` | - | 3 (1) | 2 (1) | 4 (1) |",
    ]
    listed = list(csv.DictReader(io.StringIO(summary.as_csv())))
    assert [line["labels_per_class"] for line in listed] == ["", "10", "4", "all"]
    assert {line["label_percent"] for line in listed} == {""}


def test_methods_of_several_folders_are_rows_of_their_own():
    configs = ["mine/s3gan.gin", "theirs/s3gan.gin", "theirs/ssgan.gin"]
    study = Study(configs, [0], "unused.csv", vary={"labels.fraction": [0.1, 0.05]}, vary_only=configs[:2])
    rows = [row(s.config, 0, value, bindings=s.bindings) for value, s in enumerate(settings_of(study), 1)]
    assert table_of(study, rows[:1] + rows[2:]).splitlines()[2:] == [
        "| `mine/s3gan` | - | - | 1 (1) |",
        "| `theirs/s3gan` | - | 4 (1) | 3 (1) |",
        "| `ssgan` | 5 (1) | - | - |",
    ]


def test_files_of_a_fraction_are_columns_of_their_method():
    configs = ["a/s3gan.gin", "a/s3gan_20pct.gin", "a/s3gan_5pct.gin"]
    study = Study(configs, [0], "unused.csv")
    rows = [row(config, 0, value) for value, config in enumerate(configs, 1)]
    fractions = dict(zip(settings_of(study), (10.0, 20.0, 5.0), strict=True))
    table = markdown_table(Summary(study, rows, fractions)).splitlines()
    assert table == ["| FID | 5 % | 10 % | 20 % |", "|---|---|---|---|", "| `s3gan` | 3 (1) | 1 (1) | 2 (1) |"]
    fractions[Setting("a/s3gan_20pct.gin")] = 5.0  # what a file binds counts, not its name
    assert markdown_table(Summary(study, rows, fractions)).splitlines() == [
        "| FID | 5 % | 10 % |",
        "|---|---|---|",
        "| `s3gan` | 2 (1) | 1 (1) |",
        "| `a/s3gan_5pct.gin` | 3 (1) | - |",
    ]


def test_other_varied_bindings_are_rows_of_their_own():
    vary = {"labels.fraction": [0.1, 0.2], "labels.seed": [0, 1]}
    study = Study(["a/s3gan.gin"], [0], "unused.csv", bindings=["x.y = 1"], vary=vary)
    rows = [row(s.config, 0, value, bindings=s.bindings) for value, s in enumerate(settings_of(study), 1)]
    assert table_of(study, rows).splitlines()[2:] == [
        "| `s3gan (labels.seed = 0)` | 1 (1) | 3 (1) |",
        "| `s3gan (labels.seed = 1)` | 2 (1) | 4 (1) |",
    ]


def test_one_fraction_of_each_method_makes_no_columns():
    study = Study(["a/s3gan.gin", "a/s2gan_5pct.gin", "a/biggan.gin"], [0], "unused.csv")
    fractions = dict(zip(settings_of(study), (10.0, 5.0, None), strict=True))
    assert not Summary(study, [], fractions).by_fraction
    assert summary_of(FRACTIONS, []).by_fraction


def test_a_baseline_that_varies_is_compared_at_the_same_point():
    study = Study(["a.gin", "b.gin"], [0], "unused.csv", vary={"x.y": [1, 2]}, baseline="a.gin")
    assert summary_of(study, []).baseline_of(Setting("b.gin", "x.y = 2")) == Setting("a.gin", "x.y = 2")
    study = dataclasses.replace(study, vary_only=["b.gin"], bindings=["z.w = 3"])
    assert summary_of(study, []).baseline_of(Setting("b.gin", "z.w = 3; x.y = 2")) == Setting("a.gin", "z.w = 3")
    study = dataclasses.replace(study, vary_only=["a.gin"])
    assert summary_of(study, []).baseline_of(Setting("b.gin", "z.w = 3")) is None


def test_varied_bindings_are_distinguished():
    study = Study(["s3gan.gin"], [0], "r.csv", bindings=["a.b = 1"], vary={"c.d": [2, 3]})
    rows = [row("s3gan.gin", 0, value, bindings=f"a.b = 1; c.d = {value}") for value in (2, 3)]
    lines = table_of(study, rows).splitlines()
    assert lines[2:] == ["| `s3gan.gin (c.d = 2)` | 1 | 2 | - |", "| `s3gan.gin (c.d = 3)` | 1 | 3 | - |"]


def test_interval_of_the_difference_agrees_with_all_resamples():
    values, baseline = [4.0, 5.0, 6.5], [1.0, 2.0, 3.0]
    found = difference(values, baseline)
    draws = np.array(np.meshgrid(*[range(3)] * 6)).reshape(6, -1)  # all 27 x 27 there are
    exact = np.array(values)[draws[:3]].mean(axis=0) - np.array(baseline)[draws[3:]].mean(axis=0)
    assert found.value == pytest.approx(3.1666667)
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(exact, [2.5, 97.5])), abs=0.06)
    assert difference(values, baseline) == found


def test_one_run_has_no_interval_and_the_baseline_no_difference():
    summary = summary_of(FRACTIONS, fraction_rows())
    change = summary.cell(FORTIETH, "fid").difference
    assert (change.value, change.low, change.high) == (5.0, None, None)
    assert summary.cell(Setting("a/biggan.gin"), "fid").difference is None
    without = [row for row in fraction_rows() if row["config"] != "a/biggan.gin"]
    assert summary_of(FRACTIONS, without).cell(TENTH, "fid").difference is None


def test_summary_as_csv():
    first, second, third = csv.DictReader(io.StringIO(summary_of(FRACTIONS, fraction_rows()).as_csv()))
    assert (first["config"], first["label_percent"], first["runs"], first["mean"]) == ("a/biggan.gin", "", "3", "2.0")
    assert first["difference_to_baseline"] == ""
    assert (second["method"], second["label_percent"], second["step"]) == ("s2gan", "10.0", "8")
    assert float(second["difference_low"]) < float(second["difference_to_baseline"]) < float(second["difference_high"])
    assert (third["label_percent"], third["std"], third["difference_low"]) == ("2.5", "", "")


def rows_with(**changes):
    """Result rows of two configs; those of the second one with changes."""
    rows = []
    for config, changed in (("s3gan.gin", {}), ("mnist_5k/ssgan.gin", changes)):
        rows += [row(config, 0, 2.0, **changed), row(config, 0, 7.0, metric="classifier_score")]
    return rows


def test_different_protocols_do_not_go_into_one_table():
    with pytest.raises(
        ConfigError, match="study.results: scores of different protocols .* in fid resize is clean and x"
    ):
        table_of(STUDY, rows_with(resize="clean"))
    for changes in (dict(label_prior="none"), dict(code_version="2"), dict(checkpoint="other")):
        assert "[a]" not in table_of(STUDY, rows_with(**changes))


def test_a_distance_on_another_network_does_not_stand_beside_fid():
    rows = [row("s3gan.gin", 0, 2.0, network="inception_tfgan")]
    rows.append(row("mnist_5k/ssgan.gin", 0, 2.0, metric="frechet_distance", network="efficientnet_lite0"))
    with pytest.raises(
        ConfigError, match="in fid and frechet_distance network is efficientnet_lite0 and inception_tfgan. Run the odd"
    ):
        table_of(STUDY, rows)
    lines = table_of(STUDY, rows, mix_protocols=True).splitlines()
    assert lines[0].startswith("| Config | Runs | FID | Fréchet distance |")
    assert lines[2].startswith("| `s3gan.gin` | 1 | 2 [a] | - |")


def test_a_table_of_one_other_network_calls_its_ratio_by_its_name():
    rows = [row("s3gan.gin", 0, value, step, metric="frechet_distance") for step, value in ((0, 40.0), (8, 2.0))]
    lines = table_of(STUDY, rows).splitlines()
    assert lines[0] == "| Config | Runs | Fréchet distance | Fréchet distance before training / after |"
    assert lines[2] == "| `s3gan.gin` | 1 | 2 | 20 |"


def test_different_protocols_are_marked_where_they_are_asked_for():
    lines = table_of(STUDY, rows_with(resize="clean"), mix_protocols=True).splitlines()
    assert lines[2] == "| `s3gan.gin` | 1 | 2 [a] | 7 | - |"
    assert lines[3] == "| `mnist_5k/ssgan.gin` | 1 | 2 [b] | 7 | - |"
    assert lines[-2:] == ["[a]: resize x", "[b]: resize clean"]


def test_what_may_differ_by_design_is_marked_and_the_rest_refused():
    study = dataclasses.replace(STUDY, may_differ=["label_prior"])
    lines = table_of(study, rows_with(label_prior="empirical")).splitlines()
    assert " [a] " in lines[2] and " [b] " in lines[3]
    with pytest.raises(ConfigError, match="in fid resize is clean and x"):
        table_of(study, rows_with(resize="clean"))
    with pytest.raises(ConfigError, match="study.may_differ: expected columns among .*, got colour"):
        dataclasses.replace(STUDY, may_differ=["colour"])


def test_table_is_put_between_its_marks_only(tmp_path):
    document = tmp_path / "README.md"
    document.write_text("before\n<!-- table: mine -->\nold\nrows\n<!-- end of table -->\nafter\n")
    put_table(document, "mine", "| new |")
    put_table(document, "mine", "| newer |")
    assert document.read_text() == "before\n<!-- table: mine -->\n| newer |\n<!-- end of table -->\nafter\n"
    with pytest.raises(ConfigError, match="0 places marked '<!-- table: other -->', expected 1"):
        put_table(document, "other", "| new |")


def test_cautions_are_notes_and_a_column():
    rows = [row("a/s2gan.gin", seed, 1.0, bindings=TENTH.bindings, caution="few images") for seed in range(2)]
    rows += [row("a/biggan.gin", 0, 2.0)]
    summary = summary_of(FRACTIONS, rows)
    (note,) = (note for note in summary.notes if note.startswith("Caution"))
    assert note == f"Caution, FID of {summary.label(TENTH)}: few images."
    lines = summary.as_csv().splitlines()
    assert lines[0].endswith(",caution") and sorted(line.endswith(",few images") for line in lines[1:]) == [False, True]
