"""The numbers of a study's tables: the last checkpoint of every run, over seeds, and against the baseline."""

import csv
import dataclasses
import io
import statistics

import numpy as np

from compare_gan2.configuration import ConfigError
from compare_gan2.reporting.protocols import Marks, differences
from compare_gan2.studies.plan import Setting, settings_of
from compare_gan2.studies.results import setting_of

RESAMPLES = 10_000
_CSV_COLUMNS = (
    *("config", "bindings", "method", "label_percent", "metric", "step", "runs", "mean", "std"),
    *("difference_to_baseline", "difference_low", "difference_high"),
)
FEW_RUNS = 5  # with fewer, an interval from resampled seeds is shown with a warning


@dataclasses.dataclass(frozen=True)
class Difference:
    """Mean minus the baseline's mean, and its 95 % interval: low and high, None with fewer than two runs in either."""

    value: float
    low: float | None
    high: float | None


@dataclasses.dataclass(frozen=True)
class Cell:
    """One metric of one setting.

    Attributes:
        values: {seed: value of the last checkpoint}; empty if there is none.
        mark: text such as " [a]" that tells its protocol where several are mixed, else empty.
        difference: `Difference` to the baseline, or None.
    """

    values: dict
    mark: str = ""
    difference: Difference | None = None

    @property
    def mean(self):
        return statistics.mean(self.values.values())

    @property
    def std(self):
        """Sample standard deviation over seeds; None for fewer than two."""
        return statistics.stdev(self.values.values()) if len(self.values) > 1 else None


class Summary:
    """What the rows of a results file say about a study.

    Args:
        study: `Study`.
        rows: list of {column: text}, as `read_results` gives it.
        mix_protocols: whether scores of different protocols may stand in one table; they get marks then.

    Attributes:
        settings: list of `Setting` that have scores, in the order of the plan.
        titles: {metric: title}, in the order of the registry, unknown ones last.
        rows: those of the plan that have a value.
        steps: {setting: step of its last checkpoint with scores}.
        trained: rows of that step; runs that end earlier stay out of all means.
        notes: list of sentences about what the tables do not show.
        threads: sorted texts, the numbers of threads that runs had.
        marks: {metric: `Marks`} of the metrics whose rows have different protocols.

    Raises:
        ConfigError: if scores of different protocols may not stand in one table and there are some.
    """

    def __init__(self, study, rows, mix_protocols=False):
        planned = settings_of(study)
        self.study = study
        rows = [row for row in rows if setting_of(row) in planned and int(row["seed"]) in study.seeds]
        self.rows = [row for row in rows if row["value"]]
        self.titles = _titles({row["metric"] for row in self.rows})
        self.steps = {}
        for row in self.rows:
            self.steps[setting_of(row)] = max(self.steps.get(setting_of(row), 0), int(row["step"]))
        self.settings = [setting for setting in planned if setting in self.steps]
        self.trained = [row for row in self.rows if int(row["step"]) == self.steps[setting_of(row)]]
        self.marks = _marks(self.trained, self.titles, mix_protocols, set(study.may_differ))
        self.threads = sorted({row["threads"] or "unknown" for row in self.trained})
        self.notes = [*self._left_out(rows), *self._threads_note()]

    def seeds(self, setting):
        """Sorted seeds of a setting whose scores are in its means."""
        return sorted({int(row["seed"]) for row in self.trained if setting_of(row) == setting})

    def cell(self, setting, metric):
        """`Cell` of a setting and a metric."""
        rows = [row for row in self.trained if (setting_of(row), row["metric"]) == (setting, metric)]
        values = {int(row["seed"]): float(row["value"]) for row in rows}
        mark = self.marks[metric].of(rows) if metric in self.marks and rows else ""
        return Cell(values, mark, self._difference(setting, metric, values))

    def baseline_of(self, setting):
        """The setting that another one is held against: the baseline's config with the same bindings; None: none."""
        if self.study.baseline is None or setting.config == self.study.baseline:
            return None
        return Setting(self.study.baseline, setting.bindings)

    def ratios(self, setting):
        """FID before training over FID after, one for each seed that has both."""
        before = {
            row["seed"]: float(row["value"])
            for row in self.rows
            if (setting_of(row), row["metric"], row["step"]) == (setting, "fid", "0")
        }
        after = {seed: value for seed, value in self.cell(setting, "fid").values.items() if str(seed) in before}
        return [before[str(seed)] / value for seed, value in after.items()]

    def label(self, setting):
        """Text that tells a setting from the others: its config, and which of the varied bindings it has."""
        varied = setting.bindings.removeprefix("; ".join(self.study.bindings)).removeprefix("; ")
        return f"{setting.config} ({varied})" if varied else setting.config

    def as_csv(self):
        """Text of a CSV file: a row per setting and metric, with the difference to the baseline."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_CSV_COLUMNS)
        for setting in self.settings:
            for metric in self.titles:
                cell = self.cell(setting, metric)
                if cell.values:
                    start = [setting.config, setting.bindings, setting.method, setting.fraction, metric]
                    change = dataclasses.astuple(cell.difference) if cell.difference else [None] * 3
                    writer.writerow([*start, self.steps[setting], len(cell.values), cell.mean, cell.std, *change])
        return text.getvalue()

    def _left_out(self, rows):
        """Sentences that name the runs that have rows and are in no mean."""
        last = {}
        for row in rows:
            run, step = (setting_of(row), int(row["seed"])), int(row["step"]) if row["value"] else -1
            last[run] = max(last.get(run, -1), step)
        for (setting, seed), step in last.items():
            what = f"{self.label(setting)}, seed {seed}, is not in the means: "
            if step < 0:
                yield f"{what}none of its scores has a value."
            elif step < self.steps[setting]:
                yield f"{what}its last scores are of step {step}, those of other seeds of step {self.steps[setting]}."

    def _threads_note(self):
        if len(self.threads) > 1:
            listed = ", ".join(self.threads)
            yield f"Runs with different numbers of threads stand beside each other ({listed}): their rounding differs."

    def _difference(self, setting, metric, values):
        baseline = self.baseline_of(setting)
        if baseline is None or not values:
            return None
        rows = [row for row in self.trained if (setting_of(row), row["metric"]) == (baseline, metric)]
        return difference(list(values.values()), [float(row["value"]) for row in rows]) if rows else None


def difference(values, baseline):
    """`Difference` of two lists of scores, one per run: the runs of each are drawn anew, independently, with seed 0."""
    value = statistics.mean(values) - statistics.mean(baseline)
    if min(len(values), len(baseline)) < 2:
        return Difference(value, None, None)
    generator = np.random.default_rng(0)
    means = [
        np.asarray(part)[generator.integers(len(part), size=[RESAMPLES, len(part)])].mean(axis=1)
        for part in (values, baseline)
    ]
    low, high = np.percentile(means[0] - means[1], [2.5, 97.5])
    return Difference(value, float(low), float(high))


def _titles(metrics):
    from compare_gan2.metrics import catalog, registry  # Here, so that TensorFlow takes no memory while runs go on.

    assert catalog.FEATURES  # all metrics are registered
    titles = {name: row.title for name, row in registry.all_rows().items() if name in metrics}
    return titles | {name: name for name in sorted(metrics - titles.keys())}


def _marks(rows, titles, mix_protocols, may_differ):
    different = {metric: differences([row for row in rows if row["metric"] == metric]) for metric in titles}
    different = {metric: fields for metric, fields in different.items() if fields}
    refused = {metric: fields for metric, fields in different.items() if not fields.keys() <= may_differ}
    if refused and not mix_protocols:
        metric, fields = next(iter(refused.items()))
        listed = "; ".join(f"{field} is {' and '.join(texts)}" for field, texts in fields.items())
        raise ConfigError(
            f"study.results: scores of different protocols do not go into one table: in {metric} {listed}. Run the odd "
            "ones again, or give --mix_protocols to have them marked"
        )
    return {metric: Marks(list(fields)) for metric, fields in different.items()}
