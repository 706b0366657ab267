"""Several configurations, several seeds, one table: `python -m compare_gan2.study --gin_config=FILE`.

Runs what the results file does not have yet, one after the other, each as a process of its own; killed anywhere, the
same command goes on. Rows of finished runs are added to `study.results`; the table is printed and put into
`study.document` between the lines `<!-- table: NAME -->` and `<!-- end of table -->`, NAME being that of the results.
Rows of one metric whose protocols differ are refused, or with --mix_protocols marked.
"""

import argparse
import csv
import dataclasses
import io
import pathlib
import re
import statistics
import subprocess
import sys

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError, configurable
from compare_gan2.reporting import files
from compare_gan2.reporting.protocols import Marks, differences
from compare_gan2.reporting.scores import COLUMNS, OLD_COLUMNS, ScoresFile

GIN_CONFIGS = pathlib.Path(__file__).resolve().parent.parent / "gin_configs"
RESULT_COLUMNS = ("config", *COLUMNS)
OLD_RESULT_COLUMNS = ("config", *OLD_COLUMNS)


@configurable("study", module="compare_gan2.study")
@dataclasses.dataclass(frozen=True)
class Study:
    """What is compared.

    Attributes:
        configs: `.gin` files, relative to `gin_configs/`.
        seeds: values of `run_config.tf_random_seed`.
        results: CSV file of the scores of all checkpoints, with the config in front.
        document: text file that holds the table, or None.
    """

    configs: list[str] = configuration.REQUIRED
    seeds: list[int] = configuration.REQUIRED
    results: str = configuration.REQUIRED
    document: str | None = None


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m compare_gan2.study", description=__doc__.split("\n")[0])
    parser.add_argument("--gin_config", action="append", default=[], help="file that binds study.*")
    parser.add_argument("--gin_bindings", action="append", default=[], help="bindings, parsed after the files")
    parser.add_argument("--model_dir", default="runs/studies", help="folder of the runs")
    parser.add_argument("--only_table", action="store_true", help="run nothing, make the table from the results")
    parser.add_argument(
        "--mix_protocols", action="store_true", help="put scores of different protocols into one table, marked"
    )
    options = parser.parse_args(arguments)
    try:
        configuration.parse(options.gin_config, options.gin_bindings, search_paths=[GIN_CONFIGS])
        study = configuration.build(Study)
        results = pathlib.Path(study.results)
        failed = [] if options.only_table else run_missing(study, results, pathlib.Path(options.model_dir))
        table = markdown_table(study, read_results(results), options.mix_protocols)
        print(table)
        if study.document:
            put_table(pathlib.Path(study.document), results.stem, table)
    except (ConfigError, files.DamagedFileError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for config, seed, code in failed:
        print(f"failed: {config} with seed {seed}, exit code {code}", file=sys.stderr)
    return 1 if failed else 0


def run_missing(study, results, model_dir):
    """Runs every (seed, config) without rows in the results; returns [(config, seed, exit code)] of failed ones."""
    failed = []
    for seed in study.seeds:  # outermost, so that an unfinished study compares like with like
        for config in study.configs:
            if any(row["config"] == config and row["seed"] == str(seed) for row in read_results(results)):
                continue
            folder = model_dir / results.stem / f"{config.removesuffix('.gin').replace('/', '_')}-seed{seed}"
            command = [sys.executable, "-m", "compare_gan2.main", f"--gin_config={GIN_CONFIGS / config}"]
            command += [f"--gin_bindings=run_config.tf_random_seed = {seed}", f"--model_dir={folder}"]
            print(f"--- {config}, seed {seed}", flush=True)
            code = subprocess.run(command, check=False).returncode
            if code:
                failed.append((config, seed, code))
                continue
            add_results(results, config, ScoresFile(folder / "scores.csv").path)
    return failed


def read_results(path):
    """List of {column: text}; empty if there is no file yet. What a file of an older version lacks is empty.

    Raises:
        DamagedFileError: for another header.
    """
    if not path.exists():
        return []
    with open(path, newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) not in (RESULT_COLUMNS, OLD_RESULT_COLUMNS):
            raise files.DamagedFileError(f"{path}: expected the header {','.join(RESULT_COLUMNS)}")
        return [{column: row.get(column, "") for column in RESULT_COLUMNS} for row in reader]


def add_results(path, config, scores_path):
    """Appends the rows of a run's scores.csv, all or none."""
    with open(scores_path, newline="") as file:
        new = [{"config": config, **row} for row in csv.DictReader(file)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, RESULT_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows([*read_results(path), *new])
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as file:
        file.write(text.getvalue().encode())


def markdown_table(study, rows, mix_protocols=False):
    """The last checkpoint of every run: mean +- sample standard deviation over seeds, and their number.

    Args:
        study: `Study`.
        rows: list of {column: text}, as `read_results` gives it.
        mix_protocols: whether scores of different protocols may stand in it; they get marks then.

    Raises:
        ConfigError: if they may not and there are some.
    """
    rows = [row for row in rows if row["config"] in study.configs and int(row["seed"]) in study.seeds and row["value"]]
    titles = _titles({row["metric"] for row in rows})
    last = {
        config: max(int(row["step"]) for row in rows if row["config"] == config) for config in _configs(study, rows)
    }
    trained = [row for row in rows if int(row["step"]) == last[row["config"]]]
    marks = _marks(trained, titles, mix_protocols)
    header = ["Config", "Runs", *titles.values(), "FID before training / after"]
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    for config in last:
        mine = [row for row in trained if row["config"] == config]
        cells = [_cell([row for row in mine if row["metric"] == metric], marks.get(metric)) for metric in titles]
        ratios = _ratios([row for row in rows if row["config"] == config], mine)
        runs = len({row["seed"] for row in rows if row["config"] == config})
        lines.append(f"| `{config}` | {runs} | {' | '.join(cells)} | {_mean_and_spread(ratios)} |")
    for metric, its_marks in marks.items():
        lines += ["", f"Protocols of {titles[metric]} that are not comparable:", "", *its_marks.legend()]
    return "\n".join(lines)


def _titles(metrics):
    """{metric: title of its column}, in the order of the registry, unknown ones last."""
    from compare_gan2.metrics import catalog, registry  # Here, so that TensorFlow takes no memory while runs go on.

    assert catalog.FEATURES  # all metrics are registered
    titles = {name: row.title for name, row in registry.all_rows().items() if name in metrics}
    return titles | {name: name for name in sorted(metrics - titles.keys())}


def _configs(study, rows):
    return [config for config in study.configs if any(row["config"] == config for row in rows)]


def _marks(rows, titles, mix_protocols):
    """{metric: `Marks`} of the metrics whose rows have different protocols."""
    different = {metric: differences([row for row in rows if row["metric"] == metric]) for metric in titles}
    different = {metric: fields for metric, fields in different.items() if fields}
    if different and not mix_protocols:
        metric, fields = next(iter(different.items()))
        listed = "; ".join(f"{field} is {' and '.join(texts)}" for field, texts in fields.items())
        raise ConfigError(
            f"study.results: scores of different protocols do not go into one table: in {metric} {listed}. Run the odd "
            "ones again, or give --mix_protocols to have them marked"
        )
    return {metric: Marks(list(fields)) for metric, fields in different.items()}


def _cell(rows, marks):
    text = _mean_and_spread([float(row["value"]) for row in rows])
    return text + marks.of(rows) if marks and rows else text


def _ratios(rows, trained):
    """FID before training over FID after, one for each seed that has both."""
    before = {row["seed"]: float(row["value"]) for row in rows if (row["metric"], row["step"]) == ("fid", "0")}
    after = {row["seed"]: float(row["value"]) for row in trained if row["metric"] == "fid"}
    return [before[seed] / after[seed] for seed in before if seed in after]


def put_table(document, name, table):
    """Replaces what stands between the two marks of a table in a text file.

    Raises:
        ConfigError: if the document has no such marks.
    """
    text = document.read_text()
    pattern = rf"(<!-- table: {re.escape(name)} -->\n).*?(<!-- end of table -->)"
    changed, count = re.subn(pattern, lambda match: f"{match.group(1)}{table}\n{match.group(2)}", text, flags=re.DOTALL)
    if count != 1:
        raise ConfigError(f"study.document: {document} has {count} places marked '<!-- table: {name} -->', expected 1")
    with files.replacing(document) as file:
        file.write(changed.encode())


def _mean_and_spread(values):
    if not values:
        return "-"
    spread = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4g}{spread}"


if __name__ == "__main__":
    sys.exit(main())
