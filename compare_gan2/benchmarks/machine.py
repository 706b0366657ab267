"""The machine: its rate of matrix multiplication and its description."""

import os
import platform
import statistics
import time

import keras
import tensorflow as tf

SIDE = 2048
REPEATS = 5


def matrix_multiply_rate(dtype):
    """Floating-point operations per second of [2048, 2048] @ [2048, 2048], median of five, after one to warm up."""
    values = tf.cast(tf.random.stateless_normal([SIDE, SIDE], [0, 1]), dtype)
    product = tf.function(lambda: tf.matmul(values, values))
    product()
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        product().numpy()
        seconds.append(time.perf_counter() - started)
    return 2 * SIDE**3 / statistics.median(seconds)


def description():
    """{fact: text} of machine and versions."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "accelerators": [device.name for device in tf.config.list_physical_devices() if device.device_type != "CPU"],
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
    }


def _processor():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
