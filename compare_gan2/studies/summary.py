"""The numbers of a study's tables: scores of each run's last checkpoint, over seeds and against the baseline."""

import csv
import dataclasses
import importlib
import io
import math
import statistics

import numpy as np

from compare_gan2.ground.errors import ConfigError
from compare_gan2.reporting.protocols import Marks, differences
from compare_gan2.run_folder.distance_rows import distance_of
from compare_gan2.studies.label_fractions import PerClass
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
    """Mean minus the baseline's mean, and the low and high end of its 95 % interval, None with fewer than two runs."""

    value: float
    low: float | None
    high: float | None


@dataclasses.dataclass(frozen=True)
class Cell:
    """One metric of one setting.

    Attributes:
        values: {seed: value of the last checkpoint}; empty if there is none.
        mark: text such as " [a]" that marks its protocol where several are mixed, else empty.
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
    """The scores of a study, from the rows of its results file.

    Args:
        study: `Study`.
        rows: list of {column: text}, as `read_results` returns it.
        fractions: {`Setting`: percent of the labels, `PerClass` or None}, as `label_fractions` returns it.
        mix_protocols: whether scores of different protocols may share a table; they are marked then.

    Attributes:
        fractions: as given.
        by_fraction: whether a method occurs with several numbers of labels, so that they are columns of the tables.
        settings: list of `Setting` that have scores, in the order of the plan.
        distance: the metric whose rows are FID, or its name on another network; "fid" if there is neither.
        titles: {metric: title}, in the order of the registry, unknown ones last.
        rows: those of the plan that have a value.
        steps: {setting: step of its last checkpoint with scores}.
        trained: rows of that step; runs that end earlier are left out of all means.
        notes: list of sentences about what the tables do not show.
        threads: sorted texts, the numbers of threads of the runs.
        marks: {metric: `Marks`} of the metrics whose rows have different protocols.

    Raises:
        ConfigError: if there are scores of different protocols and they may not share a table.
    """

    def __init__(self, study, rows, fractions, mix_protocols=False):
        planned = settings_of(study)
        self.study = study
        self.fractions = fractions
        self.by_fraction = _have_fractions(fractions)
        rows = [row for row in rows if setting_of(row) in planned and int(row["seed"]) in study.seeds]
        self.rows = [row for row in rows if row["value"]]
        self.titles = _titles({row["metric"] for row in self.rows})
        self.distance = distance_of(self.titles) or "fid"
        self.steps = {}
        for row in self.rows:
            self.steps[setting_of(row)] = max(self.steps.get(setting_of(row), 0), int(row["step"]))
        self.settings = [setting for setting in planned if setting in self.steps]
        self.trained = [row for row in self.rows if int(row["step"]) == self.steps[setting_of(row)]]
        self.marks = _marks(self.trained, self.titles, mix_protocols, set(study.may_differ))
        self.threads = sorted({row["threads"] or "unknown" for row in self.trained})
        self.notes = [*self._left_out(rows), *self._threads_note(), *self._cautions()]

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
        """The setting that another one is compared with: the baseline at the same point of `vary`; None without one.

        A baseline that does not vary is compared with every point.
        """
        baseline = self.study.baseline
        if baseline is None or setting.config == baseline:
            return None
        varies = self.study.varies(baseline)
        found = Setting(baseline, setting.bindings if varies else "; ".join(self.study.bindings))
        return found if found in self.fractions else None

    def ratios(self, setting):
        """The distance before training over that after, one for each seed that has both."""
        before = {
            row["seed"]: float(row["value"])
            for row in self.rows
            if (setting_of(row), row["metric"], row["step"]) == (setting, self.distance, "0")
        }
        after = {seed: value for seed, value in self.cell(setting, self.distance).values.items() if str(seed) in before}
        return [before[str(seed)] / value for seed, value in after.items()]

    def label(self, setting):
        """Text that identifies a setting: its config, with the varied bindings in brackets if there are any."""
        varied = setting.bindings.removeprefix("; ".join(self.study.bindings)).removeprefix("; ")
        return f"{setting.config} ({varied})" if varied else setting.config

    def as_csv(self):
        """Text of a CSV file: a row per setting and metric, with the difference to the baseline, and any cautions."""
        has_cautions = any(row["caution"] for row in self.trained)
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        per_class = any(isinstance(self.fractions[setting], PerClass) for setting in self.settings)
        further = [*["caution"] * has_cautions, *["labels_per_class"] * per_class]
        writer.writerow([*_CSV_COLUMNS, *further])
        for setting in self.settings:
            for metric in self.titles:
                cell = self.cell(setting, metric)
                if cell.values:
                    labels, of_classes = self.fractions[setting], None
                    if isinstance(labels, PerClass):
                        labels, of_classes = None, "all" if math.isinf(labels.number) else int(labels.number)
                    start = [setting.config, setting.bindings, setting.method, labels, metric]
                    change = dataclasses.astuple(cell.difference) if cell.difference else [None] * 3
                    cautions = "; ".join(self.cautions_of(setting, metric))
                    end = [*change, *[cautions] * has_cautions, *[of_classes] * per_class]
                    writer.writerow([*start, self.steps[setting], len(cell.values), cell.mean, cell.std, *end])
        return text.getvalue()

    def _left_out(self, rows):
        """Sentences that name the runs that have rows and are left out of the means."""
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
            yield f"Runs had different numbers of threads ({listed}): their rounding differs."

    def cautions_of(self, setting, metric):
        """Different cautions of the runs of a setting, in the order of the rows."""
        rows = [row for row in self.trained if (setting_of(row), row["metric"]) == (setting, metric)]
        return list(dict.fromkeys(row["caution"] for row in rows if row["caution"]))

    def _cautions(self):
        """A sentence for each caution of a metric, with the settings that have it."""
        for metric, title in self.titles.items():
            having = {}
            for setting in self.settings:
                for text in self.cautions_of(setting, metric):
                    having.setdefault(text, []).append(self.label(setting))
            for text, labels in having.items():
                of = "all" if len(labels) == len(self.settings) else ", ".join(labels)
                yield f"Caution, {title} of {of}: {text}."

    def _difference(self, setting, metric, values):
        baseline = self.baseline_of(setting)
        if baseline is None or not values:
            return None
        rows = [row for row in self.trained if (setting_of(row), row["metric"]) == (baseline, metric)]
        return difference(list(values.values()), [float(row["value"]) for row in rows]) if rows else None


def difference(values, baseline):
    """`Difference` of two lists of scores, one per run.

    Its interval is the central 95 % of `RESAMPLES` differences of means, after resampling the runs of both sides with
    replacement, independently, with seed 0 (percentile bootstrap; Efron 1979).
    """
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


def _have_fractions(fractions):
    methods = {}
    for setting, fraction in fractions.items():
        if fraction is not None:
            methods.setdefault((setting.family, setting.other_bindings), set()).add(fraction)
    return any(len(found) > 1 for found in methods.values())


def _titles(metrics):
    from compare_gan2.metrics import registry  # late: needed only when the runs have ended

    importlib.import_module("compare_gan2.metrics.table")  # registers all metrics
    titles = {name: row.title for name, row in registry.all_rows().items() if name in metrics}
    return titles | {name: name for name in sorted(metrics - titles.keys())}


def _marks(rows, titles, mix_protocols, may_differ):
    from compare_gan2.metrics.registry import own_names

    # A distance on Inception and the same on another network are one column that must not mix, whatever their names.
    own = {metric: own_names().get(metric, metric) for metric in titles}
    of_kind = {name: [row for row in rows if own[row["metric"]] == name] for name in own.values()}
    different = {metric: differences(of_kind[own[metric]]) for metric in titles}
    different = {metric: fields for metric, fields in different.items() if fields}
    refused = {metric: fields for metric, fields in different.items() if not fields.keys() <= may_differ}
    if refused and not mix_protocols:
        metric, fields = next(iter(refused.items()))
        kind = " and ".join(name for name in titles if own[name] == own[metric])
        listed = "; ".join(f"{field} is {' and '.join(texts)}" for field, texts in fields.items())
        raise ConfigError(
            f"study.results: scores of different protocols do not go into one table: in {kind} {listed}. Run the odd "
            "ones again, or give --mix_protocols to have them marked"
        )
    return {metric: Marks(list(fields)) for metric, fields in different.items()}
