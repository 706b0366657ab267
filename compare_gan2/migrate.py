"""Brings work of the original compare_gan along: `python -m compare_gan2.migrate checkpoint --help`.

`checkpoint` turns a TensorFlow 1 checkpoint into a run's folder: training goes on from it, and it can be scored.
Exit code 0 when done, 2 if the checkpoint does not fit the configuration; nothing is written then.
"""

import argparse
import pathlib
import sys

import tensorflow as tf

from compare_gan2 import configuration, gin_names, original_checkpoint
from compare_gan2.configuration import ConfigError
from compare_gan2.datasets import DatasetOptions
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.options import Options
from compare_gan2.training.checkpoints import Checkpoints, checkpoint_steps
from compare_gan2.training.model_directory import ModelDirectory
from compare_gan2.training.state import TrainState

GIN_CONFIGS = pathlib.Path(__file__).resolve().parent.parent / "gin_configs"


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m compare_gan2.migrate", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("checkpoint", help="a TensorFlow 1 checkpoint becomes a run that goes on")
    command.add_argument("--from", dest="source", required=True, help="checkpoint without suffixes: .../model.ckpt-N")
    command.add_argument("--gin_config", action="append", default=[], help="files of the run, in order")
    command.add_argument("--gin_bindings", action="append", default=[], help="bindings, parsed after the files")
    command.add_argument("--model_dir", required=True, help="folder to make; must not hold checkpoints yet")
    options = parser.parse_args(arguments)
    try:
        configuration.parse(options.gin_config, options.gin_bindings, search_paths=[GIN_CONFIGS])
        path = migrate_checkpoint(options.source, options.model_dir)
    except (ConfigError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{path}: go on with compare_gan2.main, this configuration and --model_dir={options.model_dir}")
    return 0


def migrate_checkpoint(source, model_dir):
    """Writes the bound configuration's state with the values of a checkpoint of the original; returns its path.

    Raises:
        ConfigError: if the source cannot be read or does not fit, or the folder holds checkpoints.
    """
    if checkpoint_steps(model_dir):
        raise ConfigError(f"--model_dir: {model_dir} holds checkpoints already; choose another folder")
    run_options = configuration.build(Options)
    name = configuration.build(DatasetOptions).name
    if name not in DATASETS:
        raise ConfigError(f"dataset.name: expected one of {', '.join(DATASETS)}, got {name!r}")
    gan = configuration.build(
        run_options.gan_class,
        options=run_options,
        image_shape=DATASETS[name].image_shape,
        num_classes=DATASETS[name].num_classes,
    )
    gan.check_batch(num_replicas=1)
    gan.create()
    state = TrainState(gan)
    try:
        original_checkpoint.restore(source, state)
    except (ValueError, tf.errors.OpError) as error:
        raise ConfigError(f"--from: {str(error).splitlines()[0]}") from error
    directory = ModelDirectory(model_dir)
    with directory.writing():
        return Checkpoints(directory.path, state, keep=1).save()


if __name__ == "__main__":
    assert gin_names.MODULES  # all names are declared
    sys.exit(main())
