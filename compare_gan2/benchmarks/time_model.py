"""Time of a step from its counts: work at the machine's rates, plus exchanges, which do not overlap with it.

    seconds = max(operations / (share * peak), moved / memory)
            + sum over exchanges of (latency + 2 (R-1)/R bytes / link)

Work and memory traffic overlap, so the slower counts. An all-reduce of n bytes sends 2 (R-1)/R n bytes over each
replica's link, as a ring does. The moments of a layer are needed before the next one, so their exchange waits; that of
the gradients is one for all, after the last of them, so it waits too.
"""

import dataclasses

import numpy as np
from scipy import optimize


@dataclasses.dataclass(frozen=True)
class Machine:
    """A replica's device and its links.

    Attributes:
        name: shown in messages.
        replicas: devices that train together.
        peak: floating-point operations per second of one device, at the precision used.
        share: of the peak that the step's products reach.
        memory: bytes per second of the device's memory.
        link: bytes per second that a device sends in an all-reduce.
        latency: seconds of an all-reduce of no bytes.
    """

    name: str
    replicas: int
    peak: float
    share: float
    memory: float
    link: float
    latency: float


def step_seconds(counts, machine):
    """(work, latency of exchanges, their transfer) of a step in seconds; their sum is its time."""
    work = max(counts.operations / (machine.share * machine.peak), counts.moved / machine.memory)
    if machine.replicas == 1:
        return work, 0.0, 0.0
    sent = 2 * (machine.replicas - 1) / machine.replicas * counts.exchanged
    return work, len(counts.exchanges) * machine.latency, sent / machine.link


def extrapolated(sizes, values, size, degree):
    """Value at `size` of the polynomial through as many points as it needs; exact where a count is one.

    Raises:
        ValueError: for another number of points than the degree determines.
    """
    if len(sizes) != degree + 1 or len(values) != degree + 1:
        raise ValueError(f"degree {degree} needs {degree + 1} points, got {len(sizes)}")
    powers = np.vander(np.array(sizes, float), degree + 1)
    return float(np.vander([float(size)], degree + 1)[0] @ np.linalg.solve(powers, np.array(values, float)))


def fitted(replicas, operations, exchanges, seconds):
    """(operations per second, seconds per exchange and replica, largest relative error) by least squares, both >= 0.

    For replicas that share the cores of one machine, so that all their work adds up:
    seconds = all operations / rate + exchanges * (R - 1) * latency.

    Args:
        replicas: R of each measurement.
        operations: of all replicas together, for each.
        exchanges: number per step, for each.
        seconds: measured.
    """
    columns = np.stack([np.array(operations, float), np.array(exchanges) * (np.array(replicas) - 1.0)], 1)
    scale = columns.max(0)
    (per_operation, latency), _ = optimize.nnls(columns / scale, np.array(seconds))
    per_operation, latency = per_operation / scale[0], latency / scale[1]
    predicted = columns @ [per_operation, latency]
    return 1 / per_operation, latency, float(np.abs(predicted / seconds - 1).max())
