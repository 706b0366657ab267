"""docs/evaluation.md against the code: metrics with rows, parameters and defaults, flags, options, columns."""

import dataclasses
import pathlib
import re
from typing import get_args

from compare_gan2.command_line import train_flags
from compare_gan2.config.configuration import parse
from compare_gan2.evaluate import parser
from compare_gan2.metrics.networks.choices import INSTALL, RECOMMENDED, NetworkName, ResizerName
from compare_gan2.metrics.registry import METRICS
from compare_gan2.run_folder.scores import COLUMNS, Score

GUIDE = (pathlib.Path(__file__).parents[2] / "docs" / "evaluation.md").read_text()


def table(heading, level="##"):
    """List of rows, each a list of cells, of the first table below a heading."""
    text = GUIDE[GUIDE.index(f"\n{level} {heading}\n") :]
    lines = re.search(r"\n\|[^\n]*\n\|[-|]*\n((?:\|[^\n]*\n)+)", text).group(1).splitlines()
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]


def code(cell):
    """Texts in backquotes."""
    return re.findall(r"`([^`]*)`", cell)


def test_every_shipped_metric_with_its_parameters_and_defaults():
    rows = {code(cells[0])[0]: cells for cells in table("Metrics")}
    shipped = {
        name for name, metric in METRICS.items() if metric.compute.__module__.startswith("compare_gan2.metrics.")
    }
    assert rows.keys() == shipped
    for name, (_, named_rows, _, parameters, _) in rows.items():
        found = dict(re.findall(r"`(\w+)` ([\w.]+)", parameters))
        assert found == {key: str(value) for key, value in METRICS[name].parameters.items()}, name
        for row in code(named_rows):
            assert row in METRICS[name].rows or any(other.endswith(row) for other in METRICS[name].rows), row


def test_networks_and_resizers():
    assert [code(cells[0])[0] for cells in table("Feature networks")] == sorted(
        get_args(NetworkName), key=lambda name: GUIDE.index(f"| `{name}` |")
    )
    assert {code(cells[0])[0] for cells in table("Resizers")} == set(get_args(ResizerName))
    assert f"take `{RECOMMENDED}`, whose weights are a package of 17 MB\n(`{INSTALL}`" in GUIDE


def test_rows_that_have_other_names_on_other_networks():
    expected = {}
    for name, metric in METRICS.items():
        if other := [row.elsewhere[0] for row in metric.rows.values() if row.elsewhere]:
            expected[name] = other
    assert {code(name)[0]: code(rows) for name, rows in table("EfficientNet", "###")} == expected


def flags_of(parser):
    return {option for action in parser._actions for option in action.option_strings}


def test_options_and_flags_exist():
    for gin, of_train, of_evaluate, _ in table("Options"):
        assert set(flag.partition("=")[0] for flag in code(of_train)) <= flags_of(train_flags.parser())
        found = {flag.partition("=")[0] for flag in code(of_evaluate) if flag.startswith("--")}
        assert found <= flags_of(parser())
        first = None
        for option in code(gin):
            if option == "METRIC.PARAMETER":
                continue
            first = option.split(".")[0] if not option.startswith(".") else first
            name = option if not option.startswith(".") else first + option
            parse([], [f"{name} = None"])  # refuses an option that does not exist


def test_what_evaluate_adds_to_the_columns():
    """docs/files.md has the columns themselves."""
    section = GUIDE.split("\n## Protocol\n")[1].split("\n## ")[0]
    added = {field.name for field in dataclasses.fields(Score)} - {*COLUMNS, "reason"}
    assert added == {"images", "pixels", "size", "classes"}
    assert added <= set(code(section.split("`evaluate` adds four:")[1]))
