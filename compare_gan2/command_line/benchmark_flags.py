"""The flags of `compare_gan2 benchmark`, and which go together."""

from compare_gan2.benchmarks import presets
from compare_gan2.command_line.argument_types import (
    data_folder,
    local_path,
    number,
    run_folder,
    whole_number,
    whole_numbers,
)
from compare_gan2.command_line.parser import add_configuration, parser_of
from compare_gan2.config import config_files
from compare_gan2.ground import files
from compare_gan2.ground.errors import ConfigError

EXAMPLES = [
    "--preset=s3gan_32_width32 --against=plain",
    "--gin_config=s3gan.gin --json=speed.json",
    "--gin_config=s3gan.gin --part=with/diffaugment.gin --part='penalty.fn = @r1; penalty.every = 16'",
    "--gin_config=s3gan.gin --device=cpu --best=fastest.gin",
    "--preset=s3gan_32_width16 --input",
    "--time_to_fid=0.7 --gin_config=s3gan.gin --gin_config=mnist_5k/biggan.gin --seeds=0,1",
    "--metrics --rounds=3",
    "--curves=cost",
]
NOTES = """Prints images per second, the share of the machine's matrix-multiply rate that useful operations reach, peak
memory, and the share of time of input, D, G, optimizer and host; docs/performance.md defines each. Images are random.

Exit code 0 when done, 2 for what cannot be measured."""


def parser():
    """`Parser` of the flags."""
    parser = parser_of("benchmark", examples=EXAMPLES, notes=NOTES)
    add, count = parser.add_argument, whole_number(1)
    add("--preset", choices=sorted(presets.SIZES), help="a setting by name")
    add_configuration(parser)
    add(
        "--resolution",
        type=whole_number(1, 2**14),
        metavar="N",
        help="side of the images, not the setting's own",
    )
    add("--num_classes", type=whole_number(1, 2**16), metavar="N", help="classes in place of the setting's own")
    add("--against", choices=["plain"], help="measure the step by its plain definitions beside ours")
    add(
        "--part",
        action="append",
        default=[],
        metavar="PART",
        help='what a .gin file, or bindings with semicolons between them, adds to a step; "all": files of with/',
    )
    add(
        "--time_to_fid",
        type=number(1e-6),
        metavar="FID",
        help="train each --gin_config, draw FID over minutes and tell when it was this low",
    )
    add("--seeds", type=whole_numbers(), default=[0], metavar="NUMBERS", help="with --time_to_fid; default: 0")
    add(
        "--folder",
        type=run_folder,
        default="runs/time_to_fid",
        metavar="DIR",
        help="with --time_to_fid: where its runs, results and report are; default: %(default)s",
    )
    add("--device", choices=["cpu", "gpu"], help="find the fastest precision, compilation and batch on it")
    add("--best", type=local_path, metavar="FILE", help="with --device: .gin file for the fastest settings")
    add("--input", action="store_true", help="measure the input pipelines")
    add("--dataset", metavar="NAME", help="with --input: a dataset of the catalogue beside arrays and JPEGs")
    add("--tfds_data_dir", type=data_folder, metavar="DIR", help="with --dataset: folder of TensorFlow Datasets")
    add("--sampling", action="store_true", help="measure our BigGAN-deep 128 as a generator alone")
    add("--metrics", action="store_true", help="measure FID, KID and others on 10,000 x 2,048 features")
    add(
        "--torch_python",
        metavar="FILE",
        help="an interpreter to compare with: with --sampling it has pytorch-pretrained-biggan, with --metrics "
        "torch-fidelity, clean-fid and prdc",
    )
    add("--batch", type=whole_number(1, 2**20), default=8, metavar="N", help="with --sampling: images at a time")
    add("--curves", type=local_path, metavar="DIR", help="measure how cost grows, plot it in DIR")
    add("--no_shares", action="store_true", help="leave out the parts of a step")
    add("--rounds", type=count, default=5, metavar="N", help="measurements of each, interleaved")
    add("--json", type=local_path, metavar="FILE", help="write the results there too")
    return parser


def check(options):
    """Raises a `ConfigError` for what could only be noticed after a long measurement."""
    kinds = ("against", "part", "time_to_fid", "device", "input", "sampling", "metrics", "curves")
    chosen = [f"--{kind}" for kind in kinds if getattr(options, kind)]
    if len(chosen) > 1:
        raise ConfigError(f"{chosen[0]}: expected no other measurement beside it, got {', '.join(chosen[1:])}")
    if not (options.sampling or options.metrics or options.curves) and bool(options.preset) == bool(options.gin_config):
        raise ConfigError("--preset or --gin_config: expected one of them")
    config_files.texts_of(options.gin_config)
    config_files.texts_of([part for part in options.part if part.endswith(".gin")])
    if options.time_to_fid and options.preset:
        raise ConfigError("--preset: with --time_to_fid expected configurations, such as --gin_config=s3gan.gin")
    if "all" in options.part and len(options.part) > 1:
        raise ConfigError(f"--part: expected all or some parts, got {', '.join(options.part)}")
    if options.best and not options.device:
        raise ConfigError("--best: expected --device beside it, whose fastest settings it takes")
    for option in ("json", "best"):
        if getattr(options, option):
            files.require_place(f"--{option}", getattr(options, option))
