"""How settings are arranged in tables and charts: a row per method, a column per label fraction."""

import statistics

from compare_gan2.studies.plan import Setting


def rows_by_fraction(summary):
    """{title: {label fraction in percent, or None: `Setting`}}: one row per method, folder and other varied bindings.

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
    """Label fractions in percent of the settings that have scores: None (no fraction bound) first, then ascending."""
    return sorted({summary.fractions[setting] for setting in summary.settings}, key=lambda fraction: fraction or 0)


def fraction_title(fraction):
    """Heading of a column."""
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
    """The method, with the varied bindings other than the label fraction if there are any."""
    varied = Setting(setting.config, setting.other_bindings)
    shared = Setting("", "; ".join(summary.study.bindings)).other_bindings
    bindings = varied.bindings.removeprefix(shared).removeprefix("; ")
    return method_title(summary, setting) + (f" ({bindings})" if bindings else "")
