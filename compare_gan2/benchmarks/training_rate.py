"""Speed, work and memory of training steps, those of a setting beside those of the plain definitions."""

import statistics

from compare_gan2.benchmarks import machine, timing
from compare_gan2.benchmarks.peak_memory import peak_memory
from compare_gan2.benchmarks.workload import Variant
from compare_gan2.config.run_options import Options, RunConfig
from compare_gan2.gans.s3gan import S3GAN

FLOAT32 = "run_config.mixed_precision = 'float32'"
AS_THE_ORIGINAL = (
    FLOAT32,
    "run_config.accumulate_steps = 1",
    "run_config.jit_compile = None",
    "run_config.remat = False",
)


def measure(setting, *, against_plain=False, rounds=5, with_shares=True):
    """Dict, which JSON can hold, of everything that is measured of training steps.

    Args:
        setting: `Setting`.
        against_plain: whether to measure the step by its plain definitions beside ours.
        rounds: measurements of each, interleaved.
        with_shares: whether to measure the parts of a step, too.

    Raises:
        ConfigError: for a configuration that cannot be run.
        FloatingPointError: if a loss is not finite.
    """
    before = {dtype: machine.matrix_multiply_rate(dtype) for dtype in ("float32", "bfloat16")}
    workloads = [setting.workload(variant) for variant in variants(setting, against_plain)]
    seconds = timing.interleaved(workloads, rounds)
    peak = peak_memory()
    useful = useful_operations(workloads, setting)
    after = {dtype: machine.matrix_multiply_rate(dtype) for dtype in before}
    rates = {dtype: statistics.mean((before[dtype], after[dtype])) for dtype in before}
    # The parts of a step are those of a whole batch.
    with_shares = with_shares and workloads[-1].run_config.accumulate_steps == 1
    rows = {w.variant.name: _row(w, seconds, useful[w.variant.name], rates) for w in workloads}
    return {
        "machine": machine.description(),
        "matrix_multiply_rate": rates,
        "configuration": workloads[-1].record,
        "rows": rows,
        "shares": timing.shares(workloads[-1], rounds) if with_shares else {},
        "peak_memory": peak,
    }


def variants(setting, against_plain):
    """`Variant`s that are measured side by side: those that a setting is compared with, itself last."""
    if not against_plain:
        return [Variant("as configured")]
    config = setting.config()
    precision = config.build(RunConfig).mixed_precision
    twice, once = (), ()
    if issubclass(config.build(Options).gan_class, S3GAN):
        twice, once = ("S3GAN.reuse_fakes = False",), ("S3GAN.reuse_fakes = True",)
    listed = [
        Variant("plain", plain=True, bindings=(*twice, *AS_THE_ORIGINAL)),
        Variant("ours, call for call", bindings=(*twice, FLOAT32)),
    ]
    if once:
        listed.append(Variant("ours, fakes shared", bindings=(*once, FLOAT32)))
    if precision != "float32":
        listed.append(Variant(f"ours, {precision}", bindings=once))
    return listed


def useful_operations(workloads, setting):
    """{name: floating-point operations of a step}, counted on our own step in float32, each done once."""
    counted, useful = {}, {}
    for workload in workloads:
        bindings = tuple(dict.fromkeys((*workload.variant.bindings, *AS_THE_ORIGINAL)))
        if bindings not in counted:
            counted[bindings] = setting.counts(bindings).operations
        useful[workload.variant.name] = counted[bindings]
    return useful


def _row(workload, seconds, useful, rates):
    name, precision = workload.variant.name, workload.run_config.mixed_precision
    median, least, most = timing.spread(seconds[name])
    row = {
        "seconds_per_step": median,
        "seconds_least": least,
        "seconds_most": most,
        "images_per_second": workload.images_per_step / median,
        "useful_operations": useful,
        "share_of_rate": useful / median / rates[precision.removeprefix("mixed_")],
    }
    if "plain" in seconds:
        row["times_plain"] = statistics.median(seconds["plain"]) / median
        row["times_plain_of_rounds"] = [a / b for a, b in zip(seconds["plain"], seconds[name], strict=True)]
    return row


def table(result):
    """Readable text of the result of `measure`."""
    rates = ", ".join(f"{dtype} {rate / 1e9:.0f}" for dtype, rate in result["matrix_multiply_rate"].items())
    facts = result["machine"]
    lines = [
        f"machine: {facts['processor']}, {facts['cores']} cores; TensorFlow {facts['tensorflow']}",
        f"matrix multiplication: {rates} Gflop/s",
        f"{'':24s} {'ms/step':>9s} {'images/s':>9s} {'x plain':>8s} {'Gflop':>8s} {'of rate':>8s}",
    ]
    for name, row in result["rows"].items():
        times = f"{row['times_plain']:.2f}" if "times_plain" in row else "-"
        lines.append(
            f"{name:24s} {1e3 * row['seconds_per_step']:9.1f} {row['images_per_second']:9.1f} {times:>8s} "
            f"{row['useful_operations'] / 1e9:8.1f} {row['share_of_rate']:8.0%}"
        )
    total = sum(result["shares"].values())
    shares = ", ".join(f"{name} {value / total:.1%}" for name, value in result["shares"].items())
    if shares:
        lines.append(f"time of {list(result['rows'])[-1]}: {shares}")
    lines.append(f"peak memory of the process: {result['peak_memory'] / 2**20:.0f} MiB")
    return "\n".join(lines)
