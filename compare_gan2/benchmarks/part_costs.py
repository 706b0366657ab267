"""What a part of a method adds to a training step: each part beside the step without it, measured in turns."""

import gc
import statistics

from compare_gan2.benchmarks import machine, timing
from compare_gan2.benchmarks.workload import Variant
from compare_gan2.config.config_files import SHIPPED
from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log

WITHOUT = "without"


def measure(setting, parts, *, rounds, on_part, leave_out):
    """Dict, which JSON can hold, of the seconds and operations of a step with each part and without it.

    Args:
        setting: `Setting`.
        parts: names of `.gin` files, or gin bindings with semicolons between them.
        rounds: measurements of each, interleaved with as many without the part.
        on_part: called with each part before it is measured.
        leave_out: whether parts that do not go with the setting are left out, not refused.

    Raises:
        ConfigError: for a part that does not go with the setting, or that nothing of it reads.
        FloatingPointError: if a loss is not finite.
    """
    plain = setting.workload(Variant(WITHOUT))
    operations = _operations_of(plain)
    rows = {}
    for part in parts:
        on_part(part)
        try:
            other = setting.workload(variant_of(part))
        except ConfigError as error:
            if not leave_out:
                raise
            log.warning(f"left out {part}: {error}")
            continue
        if set(parse(other.variant.gin_files, other.variant.bindings).bound_names) <= set(other.unused):
            raise ConfigError(f"--part: expected bindings that a step of this configuration reads, got {part}")
        seconds = timing.interleaved([plain, other], rounds)
        ratios = [ours / base for ours, base in zip(seconds[part], seconds[WITHOUT], strict=True)]
        median, least, most = timing.spread(ratios)
        rows[part] = {
            "seconds_per_step": statistics.median(seconds[part]),
            "seconds_without": statistics.median(seconds[WITHOUT]),
            "times_without": median,
            "times_least": least,
            "times_most": most,
            "times_operations": _ratio(_operations_of(other), operations),
        }
        del other
        gc.collect()  # one step with a part at a time is in memory
    return {"machine": machine.description(), "configuration": plain.record, "rows": rows}


def variant_of(part):
    """`Variant` with a part: a `.gin` file, or gin bindings with semicolons between them."""
    if part.endswith(".gin"):
        return Variant(part, gin_files=(part,))
    return Variant(part, bindings=tuple(line.strip() for line in part.split(";")))


def shipped_parts():
    """Names of the parts of `gin_configs/with`, sorted."""
    return sorted(path.relative_to(SHIPPED).as_posix() for path in (SHIPPED / "with").glob("*.gin"))


def _operations_of(workload):
    """Operations of a step; None where some are inside of a condition or a loop, which nothing counts."""
    try:
        return workload.counts().operations
    except ValueError:
        return None


def _ratio(operations, without):
    return None if operations is None or without is None else operations / without


def table(result):
    """Readable text of the result of `measure`."""
    facts, width = result["machine"], max(map(len, result["rows"]))
    lines = [
        f"machine: {facts['processor']}, {facts['cores']} cores; TensorFlow {facts['tensorflow']}",
        f"{'part':{width}s} {'ms/step':>9s} {'without':>9s} {'more time':>10s} {'of rounds':>16s} {'more work':>10s}",
    ]
    for part, row in result["rows"].items():
        work = "-" if row["times_operations"] is None else f"{row['times_operations'] - 1:+.1%}"
        spread = f"{row['times_least'] - 1:+.1%} to {row['times_most'] - 1:+.1%}"
        lines.append(
            f"{part:{width}s} {1e3 * row['seconds_per_step']:9.1f} {1e3 * row['seconds_without']:9.1f} "
            f"{row['times_without'] - 1:+10.1%} {spread:>16s} {work:>10s}"
        )
    return "\n".join(lines)
