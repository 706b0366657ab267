"""Timings on a machine that other programs use, too: interleaved, summarised by medians."""

import statistics
import time

SECONDS_PER_CALL = 1.0


def interleaved(workloads, rounds):
    """{name: [seconds per step of each round]}; every round runs each workload once, so that all see the same machine.

    Args:
        workloads: list of `Workload`.
        rounds: measurements of each.
    """
    counts = {}
    for workload in workloads:
        workload.seconds(1)  # traced and compiled
        counts[workload.variant.name] = max(1, round(SECONDS_PER_CALL / workload.seconds(1)))
    results = {name: [] for name in counts}
    for _ in range(rounds):
        for workload in workloads:
            name = workload.variant.name
            results[name].append(workload.seconds(counts[name]))
    return results


def shares(workload, rounds):
    """{part: seconds per step} of input, D, G, optimizer and host.

    host is what a step costs more when each has a graph call of its own and its results are fetched.
    """
    parts = workload.parts()
    for run in parts.values():
        run()
    seconds = {name: [] for name in parts} | {"alone": [], "together": []}
    for _ in range(rounds):
        for name, run in parts.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
        seconds["alone"].append(statistics.mean(workload.seconds(1) for _ in range(4)))
        seconds["together"].append(workload.seconds(4))
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    host = max(0.0, medians.pop("alone") - medians.pop("together"))
    return medians | {"host": host}


def spread(values):
    """(median, smallest, largest)."""
    return statistics.median(values), min(values), max(values)
