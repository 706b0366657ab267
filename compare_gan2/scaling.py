"""Fits and applies the model of step times: `python -m compare_gan2.scaling`; see docs/scaling.md.

Counts the step of imagenet128/s3gan_co_10pct.gin in its graph at small widths and extrapolates to the full one,
measures a small step on 1, 2 and 4 logical CPU devices, and prints what that says about GPUs and a TPU pod. Exit code 0
when done, 2 for a configuration that cannot be counted.
"""

import os
import sys

from compare_gan2 import versions

versions.check()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse  # noqa: E402
import dataclasses  # noqa: E402
import json  # noqa: E402
import pathlib  # noqa: E402
import subprocess  # noqa: E402

from absl import logging  # noqa: E402

from compare_gan2 import allocator, gin_names  # noqa: E402
from compare_gan2.benchmarks.timing import interleaved, spread  # noqa: E402
from compare_gan2.benchmarks.workload import Variant, Workload  # noqa: E402
from compare_gan2.configuration import ConfigError  # noqa: E402
from compare_gan2.cost_model.counted import Counts  # noqa: E402
from compare_gan2.cost_model.time_model import Machine, extrapolated, fitted, step_seconds  # noqa: E402
from compare_gan2.reporting import files  # noqa: E402
from compare_gan2.training.strategy import get_strategy  # noqa: E402

GIN_CONFIGS = pathlib.Path(__file__).resolve().parent.parent / "gin_configs"
TARGET, WIDTH, BATCH_SIZE, IMAGE_SHAPE, NUM_CLASSES = (
    "imagenet128/s3gan_co_10pct.gin",
    96,
    2048,
    (128, 128, 3),
    1000,
)
COUNTED_WIDTHS, COUNTED_BATCHES = (8, 16, 24), (8, 16)  # batches of a replica, whole rotated quadruples
MEASURED_REPLICAS, MEASURED_BATCH = (1, 2, 4), 64
# Peaks and links: see docs/scaling.md, which also says which of these are assumptions.
MACHINES = {
    "8 x A100 80GB (TF32)": Machine("A100", 8, 156e12, 0.3, 2.0e12, 230e9, 30e-6),
    "2 machines of 8 A100 80GB (TF32), 200 Gbit/s": Machine("A100", 16, 156e12, 0.3, 2.0e12, 25e9, 60e-6),
    "2 machines of 8 A100 80GB (TF32), 10 Gbit/s": Machine("A100", 16, 156e12, 0.3, 2.0e12, 1.25e9, 150e-6),
    "TPU v3-128": Machine("TPU v3 core", 128, 61.5e12, 0.3, 450e9, 83e9, 30e-6),
}
OTHER_SHARES = 0.15, 0.5  # of the peak: how far the assumption carries
ON = {"8 x A100 80GB (TF32)": (1, 2, 4, 8), "TPU v3-128": (8, 32, 128, 256)}  # others: as many as the machine has


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m compare_gan2.scaling", description=__doc__.splitlines()[0])
    parser.add_argument("--measure", type=int, metavar="R", help="only measure on R logical devices; prints JSON")
    parser.add_argument("--json", metavar="FILE", help="write all numbers there")
    options = parser.parse_args(arguments)
    logging.use_absl_handler()  # so that `configuration.parse` can silence gin's search for files
    assert gin_names.MODULES  # all names are declared
    try:
        if options.json:
            files.require_place("--json", options.json)
        if options.measure:
            print(json.dumps(measured(options.measure)))
            return 0
        results = {"measured": [measured_apart(replicas) for replicas in MEASURED_REPLICAS]}
        results["fit"] = fit(results["measured"])
        results |= predicted(target_counts())
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.json:
        with files.replacing(options.json) as file:
            file.write(json.dumps(results, indent=1).encode())
    return 0


def measured(replicas):
    """{name: number} of the step of s3gan.gin on logical devices."""
    strategy, _ = get_strategy(False, num_devices=replicas)
    bindings = (f"options.batch_size = {MEASURED_BATCH}",)
    workload = Workload(Variant("measured"), ["s3gan.gin"], bindings, (32, 32, 1), 10, [GIN_CONFIGS], strategy)
    counts = workload.counts()
    return {
        "replicas": replicas,
        "operations": counts.operations * replicas,
        "exchanges": len(counts.exchanges),
        "seconds": spread(interleaved([workload], rounds=7)["measured"])[0],
    }


def measured_apart(replicas):
    """`measured` in a process of its own: the number of logical devices is fixed once TensorFlow has started."""
    command = [sys.executable, "-m", "compare_gan2.scaling", f"--measure={replicas}"]
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)  # errors are shown as they come
    if ended.returncode:
        raise ConfigError(f"the step cannot be measured on {replicas} logical devices, exit code {ended.returncode}")
    row = json.loads(ended.stdout.splitlines()[-1])
    print(
        f"measured on {replicas} logical CPU devices: {row['seconds']:.3f} s per step, "
        f"{row['operations'] / 1e9:.1f} GFLOP, {row['exchanges']} exchanges",
        flush=True,
    )
    return row


def target_counts():
    """Function (batch of a replica) -> `Counts` of the target's step at full width."""
    strategy, _ = get_strategy(False, num_devices=2)
    counts = {(width, batch): _counted(strategy, width, batch) for width in COUNTED_WIDTHS for batch in COUNTED_BATCHES}

    def at_full_width(name, batch):
        return extrapolated(COUNTED_WIDTHS, [getattr(counts[w, batch], name) for w in COUNTED_WIDTHS], WIDTH, 2)

    sizes = zip(*(counts[width, COUNTED_BATCHES[0]].exchanges for width in COUNTED_WIDTHS), strict=True)
    exchanges = tuple(extrapolated(COUNTED_WIDTHS, values, WIDTH, 2) for values in sizes)

    def counts_for(batch):
        of_batches = {name: [at_full_width(name, b) for b in COUNTED_BATCHES] for name in ("operations", "moved")}
        return Counts(
            **{name: extrapolated(COUNTED_BATCHES, values, batch, 1) for name, values in of_batches.items()},
            exchanges=exchanges,
        )

    return counts_for


def _counted(strategy, width, batch):
    bindings = [
        f"options.batch_size = {batch * strategy.num_replicas_in_sync}",
        "ModularGAN.experimental_force_graph_unroll = True",
        f"resnet_biggan.Generator.ch = {width}",
        f"resnet_biggan.Discriminator.ch = {width}",
    ]
    where = [TARGET], bindings, IMAGE_SHAPE, NUM_CLASSES, [GIN_CONFIGS], strategy
    counts = Workload(Variant("counted"), *where).counts()
    print(
        f"counted at width {width}, batch {batch}: {counts.operations / 1e9:.1f} GFLOP, {counts.moved / 1e9:.2f} GB "
        f"moved, {len(counts.exchanges)} exchanges of {counts.exchanged / 1e6:.2f} MB",
        flush=True,
    )
    return counts


def predicted(counts_for):
    """Prints and returns the predictions for all machines."""
    rows = []
    for name, machine in MACHINES.items():
        print(f"\n{TARGET}, batch {BATCH_SIZE}, {name}")
        others = ", ".join(map(str, OTHER_SHARES))
        print(f"replicas  work ms  latency ms  transfer ms  images/s  exchange  images/s at shares {others}")
        for replicas in ON.get(name, (machine.replicas,)):
            counts = counts_for(BATCH_SIZE / replicas)
            used = dataclasses.replace(machine, replicas=replicas)
            work, latency, transfer = step_seconds(counts, used)
            total = work + latency + transfer
            by_share = [step_seconds(counts, dataclasses.replace(used, share=share)) for share in OTHER_SHARES]
            rates = [BATCH_SIZE / sum(seconds) for seconds in by_share]
            rows.append({"machine": name, "replicas": replicas, "work": work, "latency": latency, "transfer": transfer})
            rows[-1]["images_per_second_at_shares"] = dict(zip(OTHER_SHARES, rates, strict=True))
            print(
                f"{replicas:8}  {1e3 * work:7.0f}  {1e3 * latency:10.1f}  {1e3 * transfer:11.1f}  "
                f"{BATCH_SIZE / total:8.0f}  {(latency + transfer) / total:8.1%}  "
                f"{', '.join(f'{rate:.0f}' for rate in rates)}"
            )
    counts = counts_for(16)
    print(f"\nper replica of 16 images: {counts.operations / 1e12:.2f} TFLOP, {counts.moved / 1e9:.1f} GB moved")
    print(f"{len(counts.exchanges)} exchanges of {counts.exchanged / 1e6:.0f} MB")
    return {"predicted": rows, "counts": dataclasses.asdict(counts)}


def fit(rows):
    """Prints and returns (rate, latency, error) of the measurements."""
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    rate, latency, error = fitted(columns["replicas"], columns["operations"], columns["exchanges"], columns["seconds"])
    print(f"fit: {rate / 1e9:.1f} GFLOP/s, {1e6 * latency:.0f} us per exchange and replica, within {error:.0%}")
    return {"rate": rate, "latency": latency, "error": error}


if __name__ == "__main__":
    allocator.keep_freed_memory()
    sys.exit(main())
