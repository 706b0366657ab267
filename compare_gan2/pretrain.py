"""`compare_gan2 pretrain`, or `python -m compare_gan2.pretrain`: trains a feature extractor and infers labels."""

import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.argument_types import data_folder, run_folder, whole_number
from compare_gan2.command_line.parser import add_configuration, parser_of
from compare_gan2.command_line.shipped_configurations import require_configuration

FIRST = "mnist_5k/s2gan.gin"
EXAMPLES = [f"--gin_config={FIRST}", "--gin_config=mnist_5k/clustering.gin --model_dir=extractor"]
NOTES = """Trains the feature extractor that pretrain.* and resnet_v2.* describe on the bound dataset, measures it, and
writes the label files of inferred_labels.kind, if that is bound. compare_gan2 train does the same by itself, in the
same place, if a configuration binds inferred_labels.kind.

Exit code 0 when done, 1 when training fails, 2 for a configuration that cannot be run, 130, 143 or 129 when stopped by
Ctrl-C, SIGTERM or SIGHUP."""


def parser():
    """`Parser` of the flags."""
    parser = parser_of("pretrain", examples=EXAMPLES, notes=NOTES)
    add_configuration(parser)
    add = parser.add_argument
    add("--model_dir", type=run_folder, metavar="DIR", help="folder of the extractor; default: its place in the cache")
    add("--tfds_data_dir", type=data_folder, metavar="DIR", help="folder of TensorFlow Datasets")
    parser.add_switch("--data_fake_dataset", help="train on random images of the dataset's shape")
    add("--data_shuffle_buffer_size", type=whole_number(1), default=10_000, metavar="N", help="examples at a time")
    return parser


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    return frame.run(parser(), _pretrain, arguments, check=_check, folder=_folder)


def _check(options):
    require_configuration("pretrain", options.gin_config, options.gin_bindings, first=FIRST)


def _pretrain(options):
    from compare_gan2.config.configuration import parse
    from compare_gan2.pretraining.pretrain_alone import pretrain_alone

    config = parse(options.gin_config, options.gin_bindings)
    accuracies, pattern = pretrain_alone(
        config,
        options.model_dir,
        tfds_data_dir=options.tfds_data_dir,
        fake=options.data_fake_dataset,
        shuffle_buffer_size=options.data_shuffle_buffer_size,
    )
    if accuracies:
        print("; ".join(f"{name.replace('_', ' ')}: {value:.4f}" for name, value in accuracies.items()))
    if pattern is not None:
        print(f"replace_labels.file_pattern = {pattern!r}")


def _folder(options):
    from compare_gan2.config.configuration import parse
    from compare_gan2.pretraining import extractor_cache
    from compare_gan2.pretraining.inferred_labels import InferredLabelsOptions

    config = parse(options.gin_config, options.gin_bindings)
    return options.model_dir or extractor_cache.cache_dir(config.build(InferredLabelsOptions).cache_dir)


if __name__ == "__main__":
    sys.exit(main())
