"""Seconds and memory of the metrics, beside those of other packages on the same arrays, each in its own process."""

import json
import pathlib
import statistics
import subprocess
import sys

from compare_gan2.benchmarks import machine
from compare_gan2.ground.errors import ConfigError

METRICS = ("FID", "KID of 100 subsets", "precision, recall", "density, coverage", "PRD", "Inception score")
OURS, OTHERS = "compare_gan2", ("torch-fidelity", "clean-fid", "prdc")
ROWS, WIDTH = 10_000, 2048


def measure(rounds, torch_python=None, on_metric=lambda text: None):
    """Dict, which JSON can hold, of what each metric costs in each package that has it; rounds take turns.

    Args:
        rounds: measurements of each.
        torch_python: interpreter that has torch-fidelity, clean-fid and prdc; None: ours alone.
        on_metric: called with the name of each metric before it is measured.

    Raises:
        ConfigError: if that interpreter cannot run them.
    """
    packages = {OURS: sys.executable} | (dict.fromkeys(OTHERS, torch_python) if torch_python else {})
    rows = {}
    for package in packages:
        _cost(packages[package], package, "")  # imports the package, so that what is missing is known at once
    for metric in METRICS:
        on_metric(metric)
        found = {package: [] for package in packages}
        for _ in range(rounds):
            for package, python in packages.items():
                if found[package] is not None:
                    cost = _cost(python, package, metric)
                    found[package] = None if cost is None else [*found[package], cost]
        rows[metric] = {package: _median(costs) for package, costs in found.items() if costs}
    return {"machine": machine.description(), "rows_of_features": ROWS, "width": WIDTH, "metrics": rows}


def _cost(python, package, metric):
    script = pathlib.Path(__file__).with_name("metric_process.py")
    try:
        done = subprocess.run(
            [python, str(script), package, metric, str(ROWS), str(WIDTH)], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise ConfigError(f"--torch_python: {python} cannot be run: {error.strerror}") from error
    if done.returncode:
        reason = done.stderr.strip().splitlines()
        reason = reason[-1] if reason else "it ended"
        raise ConfigError(f"--torch_python: expected an interpreter with {package}, got {python} ({reason})")
    return json.loads(done.stdout.splitlines()[-1])


def _median(costs):
    return {name: statistics.median(cost[name] for cost in costs) for name in costs[0]}


def table(result):
    """Readable text of the result of `measure`."""
    facts = result["machine"]
    lines = [
        f"machine: {facts['processor']}, {facts['cores']} cores; {result['rows_of_features']} real and as many"
        f" generated images, {result['width']} features",
        f"{'metric':20s} {'package':16s} {'CPU s':>8s} {'s':>8s} {'MiB':>8s}",
    ]
    for metric, packages in result["metrics"].items():
        for package, cost in packages.items():
            lines.append(
                f"{metric:20s} {package:16s} {cost['cpu_seconds']:8.1f} {cost['seconds']:8.1f}"
                f" {cost['peak_bytes'] / 2**20:8.0f}"
            )
    return "\n".join(lines)
