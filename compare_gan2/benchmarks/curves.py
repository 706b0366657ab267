"""How time and memory grow with batch size, width, resolution and number of classes: one process per point."""

import json
import subprocess
import sys
import tempfile

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

PRESET = "s3gan_32_width16"
BASE = {"batch": 32, "width": 16, "resolution": 32, "classes": 10}
AXES = {
    "batch": (4, 8, 16, 32, 64, 128),
    "width": (8, 16, 32, 64, 96),
    "resolution": (32, 64, 128),
    "classes": (10, 100, 1000, 10000),
}
Y_TICKS = (1, 3, 10, 30, 100, 300), (500, 1000, 2000, 4000, 8000, 16000)


def arguments(point):
    """List of arguments of the benchmark command for a point {axis: value}."""
    bound = {
        "options.batch_size": point["batch"],
        "resnet_biggan.Generator.ch": point["width"],
        "resnet_biggan.Discriminator.ch": point["width"],
        "S3GAN.reuse_fakes": True,
        "S3GAN.rotated_batch_fraction": 1 if point["batch"] < 16 else 4,  # else not even one image in four rotations
    }
    flags = [f"--gin_bindings={name} = {value}" for name, value in bound.items()]
    return [f"--preset={PRESET}", *flags, f"--resolution={point['resolution']}", f"--num_classes={point['classes']}"]


def measure(rounds, announce):
    """List of {axis values, "axis", "milliseconds_per_image", "peak_memory"}; `announce(text)` reports each point.

    Raises:
        RuntimeError: if a point cannot be measured.
    """
    rows, known = [], {}
    for axis, values in AXES.items():
        for value in values:
            point = BASE | {axis: value}
            key = tuple(point.items())
            if key not in known:
                known[key] = _measured(point, rounds)
                announce(f"{point}: {known[key]}")
            rows.append({"axis": axis, **point, **known[key]})
    return rows


def _measured(point, rounds):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [sys.executable, "-m", "compare_gan2.benchmark", *arguments(point)]
        command += [f"--rounds={rounds}", "--no_shares", f"--json={file.name}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["killed, perhaps for its memory"])[-1]
            raise RuntimeError(f"{point} cannot be measured: {reason}")
        with open(file.name) as results:
            result = json.load(results)
    (row,) = result["rows"].values()
    return {
        "milliseconds_per_image": 1e3 / row["images_per_second"],
        "share_of_rate": row["share_of_rate"],
        "peak_memory": result["peak_memory"],
    }


def plot(rows, path):
    """Draws time per image and peak memory over each axis, all scales logarithmic, as a PNG file."""
    figure = Figure(figsize=(3.5 * len(AXES), 6))
    FigureCanvasAgg(figure)
    panels = figure.subplots(2, len(AXES), sharey="row", squeeze=False)
    for column, axis in enumerate(AXES):
        own = [row for row in rows if row["axis"] == axis]
        values = [row[axis] for row in own]
        panels[0][column].plot(values, [row["milliseconds_per_image"] for row in own], "o-")
        panels[1][column].plot(values, [row["peak_memory"] / 2**20 for row in own], "o-")
        for panel in panels[:, column]:
            panel.set(xscale="log", yscale="log", xlabel=axis)
            panel.minorticks_off()
            panel.set_xticks(values, [str(value) for value in values])
            panel.grid(alpha=0.3)
    for row, title, ticks in zip(panels, ("time per image [ms]", "peak memory [MiB]"), Y_TICKS, strict=True):
        row[0].set_ylabel(title)
        row[0].set_yticks(ticks, [str(tick) for tick in ticks])
        row[0].minorticks_off()
    figure.tight_layout()
    figure.savefig(path, dpi=100)
