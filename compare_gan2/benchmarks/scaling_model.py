"""The model of step times, fitted to this machine and applied to others; see docs/scaling.md."""

import dataclasses
import json
import subprocess
import sys

from compare_gan2.benchmarks.operation_counts import Counts
from compare_gan2.benchmarks.time_model import Machine, extrapolated, fitted, step_seconds
from compare_gan2.benchmarks.timing import interleaved, spread
from compare_gan2.benchmarks.workload import Variant, Workload
from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log

TARGET, WIDTH, BATCH_SIZE = "imagenet128/s3gan_co.gin", 96, 2048
IMAGE_SHAPE, NUM_CLASSES = (128, 128, 3), 1000
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


def model():
    """All results, as a dict that JSON can hold: what was measured here, the fit, and the predictions for `MACHINES`.

    Raises:
        ConfigError: if a step cannot be counted or measured.
    """
    rows = [measured_apart(replicas) for replicas in MEASURED_REPLICAS]
    return {"measured": rows, "fit": fit(rows)} | predicted(target_counts())


def measured(replicas):
    """{name: number} of the step of s3gan.gin on logical devices."""
    strategy, _ = get_strategy(False, num_devices=replicas)
    bindings = (f"options.batch_size = {MEASURED_BATCH}",)
    workload = Workload(Variant("measured"), ["s3gan.gin"], bindings, (32, 32, 1), 10, strategy)
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
    log.info(
        f"measured on {replicas} logical CPU devices: {row['seconds']:.3f} s per step, "
        f"{row['operations'] / 1e9:.1f} GFLOP, {row['exchanges']} exchanges"
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
    where = [TARGET], bindings, IMAGE_SHAPE, NUM_CLASSES, strategy
    counts = Workload(Variant("counted"), *where).counts()
    log.info(
        f"counted at width {width}, batch {batch}: {counts.operations / 1e9:.1f} GFLOP, {counts.moved / 1e9:.2f} GB "
        f"moved, {len(counts.exchanges)} exchanges of {counts.exchanged / 1e6:.2f} MB"
    )
    return counts


def predicted(counts_for):
    """Predictions for all machines, as a dict that JSON can hold; reports them, too.

    Args:
        counts_for: function (batch of a replica) -> `Counts` of its step.
    """
    rows = []
    for name, machine in MACHINES.items():
        log.info(f"\n{TARGET}, batch {BATCH_SIZE}, {name}")
        others = ", ".join(map(str, OTHER_SHARES))
        log.info(f"replicas  work ms  latency ms  transfer ms  images/s  exchange  images/s at shares {others}")
        for replicas in ON.get(name, (machine.replicas,)):
            counts = counts_for(BATCH_SIZE / replicas)
            used = dataclasses.replace(machine, replicas=replicas)
            work, latency, transfer = step_seconds(counts, used)
            total = work + latency + transfer
            by_share = [step_seconds(counts, dataclasses.replace(used, share=share)) for share in OTHER_SHARES]
            rates = [BATCH_SIZE / sum(seconds) for seconds in by_share]
            rows.append({"machine": name, "replicas": replicas, "work": work, "latency": latency, "transfer": transfer})
            rows[-1]["images_per_second_at_shares"] = dict(zip(OTHER_SHARES, rates, strict=True))
            log.info(
                f"{replicas:8}  {1e3 * work:7.0f}  {1e3 * latency:10.1f}  {1e3 * transfer:11.1f}  "
                f"{BATCH_SIZE / total:8.0f}  {(latency + transfer) / total:8.1%}  "
                f"{', '.join(f'{rate:.0f}' for rate in rates)}"
            )
    counts = counts_for(16)
    log.info(f"\nper replica of 16 images: {counts.operations / 1e12:.2f} TFLOP, {counts.moved / 1e9:.1f} GB moved")
    log.info(f"{len(counts.exchanges)} exchanges of {counts.exchanged / 1e6:.0f} MB")
    return {"predicted": rows, "counts": dataclasses.asdict(counts)}


def fit(rows):
    """{"rate": operations per second, "latency": seconds per exchange and replica, "error": largest relative one}.

    Args:
        rows: list of what `measured` returns; the fit is reported, too.
    """
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    rate, latency, error = fitted(columns["replicas"], columns["operations"], columns["exchanges"], columns["seconds"])
    log.info(f"fit: {rate / 1e9:.1f} GFLOP/s, {1e6 * latency:.0f} us per exchange and replica, within {error:.0%}")
    return {"rate": rate, "latency": latency, "error": error}
