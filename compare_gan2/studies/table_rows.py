"""How settings are arranged in tables and charts: a row per method, a column per number of labels."""

import math
import statistics

from compare_gan2.studies.label_fractions import PerClass
from compare_gan2.studies.plan import Setting


def rows_by_fraction(summary):
    """{title: {number of labels, see `label_fractions`: `Setting`}}: a row per method, folder and other bindings.

    Rows are in the order of the plan. Two configs of one method with the same fraction get a row each.

    Args:
        summary: `Summary`.
    """
    rows = {}
    for setting in summary.settings:
        row = rows.setdefault(_row_title(summary, setting), {})
        if summary.fractions[setting] in row:
            row = rows.setdefault(summary.label(setting), {})
        row[summary.fractions[setting]] = setting
    return rows


def fractions_of(summary):
    """Numbers of labels of the settings that have scores: None first, then percent, then per class, each ascending."""
    return in_order({summary.fractions[setting] for setting in summary.settings})


def in_order(fractions):
    """Numbers of labels as `fractions_of` orders them."""
    per_class = {fraction for fraction in fractions if isinstance(fraction, PerClass)}
    percent = sorted(set(fractions) - per_class, key=lambda fraction: fraction or 0)
    return percent + sorted(per_class, key=lambda fraction: fraction.number)


def fraction_title(fraction):
    """Heading of a column."""
    if isinstance(fraction, PerClass):
        return f"{fraction.number:g} per class" if math.isfinite(fraction.number) else "all labels"
    return "without a fraction" if fraction is None else f"{fraction:g} %"


def method_title(summary, setting):
    """The method, with its folder where the study has the method from several."""
    settings = map(Setting, summary.study.configs)
    return setting.method if len({s.family for s in settings if s.method == setting.method}) == 1 else setting.family


def mean_and_spread(values):
    """Text such as "0.51 ± 0.01", the sample standard deviation left out for one value; "-" without any."""
    if not values:
        return "-"
    spread = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4g}{spread}"


def _row_title(summary, setting):
    """The method, with the varied bindings other than those of labels if there are any."""
    varied = Setting(setting.config, setting.other_bindings)
    shared = Setting("", "; ".join(summary.study.bindings)).other_bindings
    bindings = varied.bindings.removeprefix(shared).removeprefix("; ")
    return method_title(summary, setting) + (f" ({bindings})" if bindings else "")
