"""Minutes of training until a run's distance has come down to `study.target`."""

import math

from compare_gan2.studies.results import setting_of
from compare_gan2.studies.table_rows import mean_and_spread


def minutes_to_target(summary, setting):
    """{seed: minutes until the distance was at most the target, None if it never was}, of runs whose times are known.

    Between two checkpoints the logarithm of the distance is taken to be linear in time.

    Args:
        summary: `Summary` of a study with a target.
        setting: `Setting`.
    """
    points = {}
    for row in summary.rows:
        if (setting_of(row), row["metric"]) == (setting, summary.distance) and row["train_seconds"]:
            point = (int(row["step"]), float(row["train_seconds"]) / 60, float(row["value"]))
            points.setdefault(int(row["seed"]), []).append(point)
    points = {seed: sorted(line) for seed, line in sorted(points.items()) if any(minutes for _, minutes, _ in line)}
    return {seed: _first_at(line, summary.study.target) for seed, line in points.items()}


def target_title(summary):
    """Heading of the column, such as "Minutes to FID 0.6"."""
    return f"Minutes to {summary.titles.get(summary.distance, 'FID')} {summary.study.target:g}"


def minutes_text(summary, setting):
    """Text such as "6.1 ± 0.3": mean and sample standard deviation over seeds, "-" if no time is known.

    If some runs did not get there, it says how many did.
    """
    found = minutes_to_target(summary, setting)
    reached = [minutes for minutes in found.values() if minutes is not None]
    if found and len(reached) < len(found):
        text = f"{len(reached)} of {len(found)} runs"
        return f"{text}: {mean_and_spread(reached)}" if reached else text
    return mean_and_spread(reached)


def _first_at(line, target):
    before = None
    for _, minutes, value in line:
        if value <= target:
            if before is None or value <= 0:
                return minutes
            start, high = before
            return start + (minutes - start) * math.log(high / target) / math.log(high / value)
        before = (minutes, value)
    return None
