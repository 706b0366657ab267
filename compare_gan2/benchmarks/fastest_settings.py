"""The fastest precision and compilation of a training step on one device, and what larger batches give there."""

import gc
import statistics

import tensorflow as tf

from compare_gan2.benchmarks import machine, timing
from compare_gan2.benchmarks.workload import Variant
from compare_gan2.ground.errors import ConfigError

PLAIN = ("run_config.mixed_precision = 'float32'", "run_config.jit_compile = False")
CANDIDATES = (
    ("run_config.mixed_precision = 'mixed_bfloat16'", PLAIN[1]),
    (PLAIN[0], "run_config.jit_compile = True"),
    ("run_config.mixed_precision = 'mixed_bfloat16'", "run_config.jit_compile = True"),
)
BATCH_FACTORS = (2, 4, 8)


def measure(setting, kind, *, rounds, say):
    """Dict, which JSON can hold, of images per second by setting and by batch size, and of the fastest setting.

    Each candidate takes turns with the step in float32 without XLA, each larger batch with the setting's own.

    Args:
        setting: `Setting`.
        kind: "cpu" or "gpu".
        rounds: measurements of each.
        say: function (text) that is called before each measurement.

    Raises:
        ConfigError: if there is no such device, or the configuration cannot be run on it.
    """
    if not tf.config.list_logical_devices(kind.upper()):
        raise ConfigError(f"--device: expected a device that TensorFlow finds, got {kind}: there is none")
    strategy = tf.distribute.OneDeviceStrategy(f"/{kind}:0")
    plain = setting.workload(_variant(PLAIN), strategy)
    batch, base = plain.options.batch_size, None
    rows = []
    for bindings in CANDIDATES:
        say(", ".join(bindings))
        row, seconds = _beside(plain, setting, bindings, strategy, rounds)
        rows.append(row | {"bindings": bindings})
        base = base or seconds
    if base is None:  # every candidate failed
        base = statistics.median(timing.interleaved([plain], rounds)[plain.variant.name])
    measured = [row for row in rows if "times" in row and row["times"] > 1]
    fastest = max(measured, key=lambda row: row["times"], default={"bindings": PLAIN})["bindings"]
    plain_rate = plain.images_per_step / base
    reference = plain if fastest == PLAIN else setting.workload(_variant(fastest), strategy)
    del plain  # two steps at a time are in memory
    of_batches = []
    for factor in BATCH_FACTORS:
        say(f"options.batch_size = {factor * batch}")
        row, _ = _beside(reference, setting, (*fastest, f"options.batch_size = {factor * batch}"), strategy, rounds)
        of_batches.append(row | {"batch_size": factor * batch})
        if "failed" in row:
            break
    return {
        "machine": machine.description(),
        "device": kind,
        "batch_size": batch,
        "plain": {"bindings": PLAIN, "images_per_second": plain_rate},
        "settings": rows,
        "fastest": fastest,
        "batches": of_batches,
    }


def _variant(bindings):
    return Variant(", ".join(bindings), bindings=bindings)


def _beside(reference, setting, bindings, strategy, rounds):
    """(row of a candidate, median seconds of the reference); the row says why a candidate failed."""
    candidate = None
    try:
        candidate = setting.workload(_variant(bindings), strategy)
        seconds = timing.interleaved([reference, candidate], rounds)
    except (ConfigError, FloatingPointError, tf.errors.OpError) as error:
        return {"failed": str(error).splitlines()[0][:200]}, None
    finally:
        images = candidate and candidate.images_per_step
        del candidate
        gc.collect()
    before, ours = seconds[reference.variant.name], seconds[_variant(bindings).name]
    per_image = [old / reference.images_per_step / (new / images) for old, new in zip(before, ours, strict=True)]
    median, least, most = timing.spread(per_image)
    row = {"images_per_second": images / statistics.median(ours), "times": median}
    return row | {"times_least": least, "times_most": most}, statistics.median(before)


def table(result):
    """Readable text of the result of `measure`."""
    facts, plain = result["machine"], result["plain"]
    where = facts["processor"] if result["device"] == "cpu" else ", ".join(facts["accelerators"])
    lines = [f"{result['device']}: {where}; TensorFlow {facts['tensorflow']}; batches of {result['batch_size']}"]
    lines.append(f"{plain['images_per_second']:9.1f} images/s  {', '.join(plain['bindings'])}")
    lines += [_line(row, ", ".join(row["bindings"])) for row in result["settings"]]
    lines.append(f"fastest: {', '.join(result['fastest'])}; with it, against its own batch:")
    lines += [_line(row, f"options.batch_size = {row['batch_size']}") for row in result["batches"]]
    return "\n".join(lines)


def _line(row, name):
    if "failed" in row:
        return f"   failed           {name}: {row['failed']}"
    spread = f"{row['times_least']:.2f} to {row['times_most']:.2f}"
    return f"{row['images_per_second']:9.1f} images/s  {name}: {row['times']:.2f} times as fast ({spread})"


def part(result):
    """Text of a `.gin` file with the fastest setting; a larger batch is another training, so it is a comment there."""
    rates = [f"{row['batch_size']}: {row['images_per_second']:.0f}" for row in result["batches"] if "failed" not in row]
    facts = result["machine"]
    where = facts["processor"] if result["device"] == "cpu" else ", ".join(facts["accelerators"])
    lines = [
        f"# The fastest of {len(result['settings']) + 1} settings on this {result['device']} ({where}), TensorFlow"
        f" {facts['tensorflow']}.",
        "# Run: compare_gan2 train --gin_config=s3gan.gin --gin_config=THIS_FILE",
        *result["fastest"],
    ]
    if rates:
        lines += [
            f"# Images per second with larger batches than {result['batch_size']}: {', '.join(rates)}. They train",
            "# otherwise: rates and number of steps go with them. options.batch_size is yours to bind.",
        ]
    return "\n".join(lines) + "\n"
