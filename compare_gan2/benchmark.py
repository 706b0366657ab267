"""Measures training: `python -m compare_gan2.benchmark --preset=s3gan_32_width32 --against=plain`.

--input measures the input pipelines, --sampling a generator alone, --curves how cost grows; without them, it prints
images per second, the share of the machine's matrix-multiply rate that useful operations reach, peak memory and
the share of time of input, D, G, optimizer and host; docs/performance.md defines each. Images are random. Exit code 0
when done, 2 for what cannot be measured.
"""

import os
import sys

from compare_gan2 import versions

versions.check()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's start-up notices bury our own lines

import argparse  # noqa: E402
import json  # noqa: E402
import pathlib  # noqa: E402
import statistics  # noqa: E402
import tempfile  # noqa: E402

import keras  # noqa: E402

from compare_gan2 import allocator, configuration, gin_names  # noqa: E402
from compare_gan2.benchmarks import curves, input_rate, machine, presets, sampling_rate, timing  # noqa: E402
from compare_gan2.benchmarks.workload import SEED, Variant, Workload  # noqa: E402
from compare_gan2.configuration import ConfigError  # noqa: E402
from compare_gan2.datasets import DatasetOptions, get_dataset  # noqa: E402
from compare_gan2.datasets.catalog import DATASETS  # noqa: E402
from compare_gan2.gans.s3gan import S3GAN  # noqa: E402
from compare_gan2.options import Options, RunConfig  # noqa: E402
from compare_gan2.reporting import files  # noqa: E402

FLOAT32 = "run_config.mixed_precision = 'float32'"
AS_THE_ORIGINAL = (
    FLOAT32,
    "run_config.accumulate_steps = 1",
    "run_config.jit_compile = None",
    "run_config.remat = False",
)
GIN_CONFIGS = pathlib.Path(__file__).resolve().parent.parent / "gin_configs"


def main(arguments=None):
    options = _parser().parse_args(arguments)
    try:
        _check(options)
        result, text = _mode(options)(options)
        print(text)
        if options.json:
            with files.replacing(options.json) as file:
                file.write(json.dumps(result, indent=1).encode())
    except (ConfigError, FloatingPointError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("error: interrupted; nothing was written", file=sys.stderr)
        return 130
    return 0


def _check(options):
    """Raises what could only be noticed after a long measurement."""
    for name in ("rounds", "batch", "resolution", "num_classes"):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise ConfigError(f"--{name}: expected 1 or more, got {value}")
    if options.json:
        files.require_place("--json", options.json)


def _mode(options):
    if options.sampling:
        return measure_sampling
    if options.curves:
        return measure_curves
    return measure_input if options.input else measure_step


def measure_step(options):
    """(results, table) of training steps."""
    result = measure(options)
    return result, _table(result)


def measure_sampling(options):
    """(results, text) of our BigGAN-deep 128 and, with --torch_python, pytorch-pretrained-biggan."""
    rows = sampling_rate.measure(options.batch, options.rounds, options.torch_python)
    lines = [f"{name:26s} {row['images_per_second']:8.2f} images/s" for name, row in rows.items()]
    return {"machine": machine.description(), "rows": rows}, "\n".join(lines)


def measure_curves(options):
    """(results, text) of all points; the plot is in the folder that --curves names."""
    options.curves.mkdir(parents=True, exist_ok=True)
    rows = curves.measure(options.rounds, lambda text: print(text, flush=True))
    curves.plot(rows, options.curves / "cost.png")
    return {"machine": machine.description(), "rows": rows}, f"plot in {options.curves / 'cost.png'}"


def measure_input(options):
    """(results, text) of the input alone and of the wait for it, for each kind of data."""
    where = configuration_of(options)
    workload = Workload(Variant("as configured"), **where)
    step, per_step = workload.step_on_batch(), workload.options.batch_size * workload.gan.batches_per_step
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for dataset in _datasets(options, where, pathlib.Path(folder)):
            if dataset.image_shape != where["image_shape"]:
                raise ConfigError(f"--dataset: expected images of {where['image_shape']}, got {dataset.image_shape}")
            alone = input_rate.alone(iter(workload.batches_of(dataset)), per_step)
            waits, seconds = input_rate.waiting(iter(workload.batches_of(dataset)), step, 3 * options.rounds)
            rows[dataset.name] = {
                "images_per_second_alone": alone,
                "images_per_second_of_step": per_step / seconds,
                "share_of_step_waiting": waits,
            }
    lines = [
        f"{name:26s} alone {row['images_per_second_alone']:9.1f} images/s, "
        f"{row['images_per_second_alone'] / row['images_per_second_of_step']:.0f} times as many as a step reads; "
        f"training waits {row['share_of_step_waiting']:.2%} of a step"
        for name, row in rows.items()
    ]
    return {"machine": machine.description(), "configuration": configuration.resolved(), "rows": rows}, "\n".join(lines)


def _datasets(options, where, folder):
    """What `measure_input` reads, one after the other."""
    height, width, channels = where["image_shape"]
    yield input_rate.memory_dataset(where["image_shape"], where["num_classes"])
    if options.dataset:
        yield get_dataset(options.dataset, options.tfds_data_dir)
    if height == width and channels == 3:
        pictures = input_rate.write_pictures(folder / "pictures")
        yield input_rate.tfrecord_dataset(pictures, height, folder / "tfds")
        yield input_rate.folder_dataset(folder / "pictures", height, folder / "cache")


def measure(options):
    """Everything the command measures, as a dict that JSON can hold; `options` are the parsed flags.

    Raises:
        ConfigError: for a configuration that cannot be run.
    """
    keras.utils.set_random_seed(SEED)
    where = configuration_of(options)
    before = {dtype: machine.matrix_multiply_rate(dtype) for dtype in ("float32", "bfloat16")}
    workloads = [Workload(variant, **where) for variant in variants(options, where)]
    seconds = timing.interleaved(workloads, options.rounds)
    peak_memory = machine.peak_memory()
    useful = useful_operations(workloads, where)
    after = {dtype: machine.matrix_multiply_rate(dtype) for dtype in before}
    rates = {dtype: statistics.mean((before[dtype], after[dtype])) for dtype in before}
    # The parts of a step are those of a whole batch.
    leave_out_shares = options.no_shares or workloads[-1].run_config.accumulate_steps > 1
    rows = {w.variant.name: _row(w, seconds, useful[w.variant.name], rates) for w in workloads}
    return {
        "machine": machine.description(),
        "matrix_multiply_rate": rates,
        "configuration": configuration.resolved(),
        "rows": rows,
        "shares": {} if leave_out_shares else timing.shares(workloads[-1], options.rounds),
        "peak_memory": peak_memory,
    }


def configuration_of(options):
    """Arguments of `Workload`, beside the variant, that the flags ask for; raises a `ConfigError`."""
    if bool(options.preset) == bool(options.gin_config):
        raise ConfigError("--preset or --gin_config: expected one of them")
    if options.preset:
        bindings = [*presets.bindings(options.preset), *options.gin_bindings]
        shape, num_classes = presets.image_shape(options.preset), presets.NUM_CLASSES
    else:
        bindings = options.gin_bindings
        configuration.parse(options.gin_config, bindings, [GIN_CONFIGS])
        name = configuration.build(DatasetOptions).name
        if name not in DATASETS:
            raise ConfigError(f"dataset.name: expected one of {', '.join(DATASETS)}, got {name!r}")
        shape, num_classes = DATASETS[name].image_shape, DATASETS[name].num_classes
    side = options.resolution
    return {
        "gin_files": options.gin_config,
        "bindings": bindings,
        "image_shape": (side, side, shape[-1]) if side else shape,
        "num_classes": options.num_classes or num_classes,
        "search_paths": [GIN_CONFIGS],
    }


def variants(options, where):
    """What is measured side by side: the configuration with the given flags, and before it what it is compared with."""
    if options.against is None:
        return [Variant("as configured")]
    configuration.parse(where["gin_files"], where["bindings"], where["search_paths"])
    precision = configuration.build(RunConfig).mixed_precision
    twice, once = (), ()
    if issubclass(configuration.build(Options).gan_class, S3GAN):
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


def useful_operations(workloads, where):
    """{name: floating-point operations of a step}, counted on our own step in float32, each done once."""
    counted, useful = {}, {}
    for workload in workloads:
        bindings = tuple(dict.fromkeys((*workload.variant.bindings, *AS_THE_ORIGINAL)))
        if bindings not in counted:
            counted[bindings] = Workload(Variant("counted", bindings=bindings), **where).counts().operations
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


def _table(result):
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


def _parser():
    parser = argparse.ArgumentParser(prog="python -m compare_gan2.benchmark", description=__doc__.split("\n")[0])
    parser.add_argument("--preset", choices=sorted(presets.SIZES), help="a setting by name")
    parser.add_argument("--gin_config", action="append", default=[], help="a setting by its files of gin bindings")
    parser.add_argument("--gin_bindings", action="append", default=[], help="gin bindings, parsed after those")
    parser.add_argument("--resolution", type=int, help="side of the images in place of the setting's own")
    parser.add_argument("--num_classes", type=int, help="classes in place of the setting's own")
    parser.add_argument("--against", choices=["plain"], help="measure the step by its plain definitions beside ours")
    parser.add_argument("--input", action="store_true", help="measure the input pipelines")
    parser.add_argument("--dataset", help="with --input: a dataset of the catalogue beside arrays and JPEGs")
    parser.add_argument("--tfds_data_dir", help="with --dataset: folder of TensorFlow Datasets")
    parser.add_argument("--sampling", action="store_true", help="measure our BigGAN-deep 128 as a generator alone")
    parser.add_argument("--torch_python", help="with --sampling: an interpreter that has pytorch-pretrained-biggan")
    parser.add_argument("--batch", type=int, default=8, help="with --sampling: images at a time")
    parser.add_argument("--curves", type=pathlib.Path, metavar="DIR", help="measure how cost grows, plot it in DIR")
    parser.add_argument("--no_shares", action="store_true", help="leave out the parts of a step")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each, interleaved")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the results there too")
    return parser


if __name__ == "__main__":
    assert gin_names.MODULES  # all names are declared
    allocator.keep_freed_memory()
    sys.exit(main())
