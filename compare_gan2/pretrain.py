"""Learns features, infers labels: `python -m compare_gan2.pretrain --gin_config=gin_configs/mnist_5k/s2gan_10pct.gin`.

Trains the feature extractor that `pretrain.*` and `resnet_v2.*` describe on the bound dataset, measures it, and writes
the label files of `inferred_labels.kind`, if that is bound. `compare_gan2.main` does the same by itself, in the same
place, where a configuration binds `inferred_labels.kind`.

Exit code 0 when done, 1 when training fails, 2 for a configuration that cannot be run, 130 when interrupted.
"""

import argparse
import os
import pathlib
import sys

from compare_gan2 import versions

versions.check()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's start-up notices bury our own lines

import tensorflow as tf  # noqa: E402

from compare_gan2 import allocator, configuration, gin_names  # noqa: E402
from compare_gan2.configuration import ConfigError  # noqa: E402
from compare_gan2.datasets import DatasetOptions, get_dataset  # noqa: E402
from compare_gan2.datasets.facts import empty_classes  # noqa: E402
from compare_gan2.pretraining import place  # noqa: E402
from compare_gan2.pretraining.extractor import Extractor  # noqa: E402
from compare_gan2.pretraining.inferred_labels import InferredLabelsOptions, LabelInference  # noqa: E402
from compare_gan2.reporting.files import DamagedFileError, is_full_disk  # noqa: E402
from compare_gan2.training.checkpoints import CheckpointError  # noqa: E402
from compare_gan2.training.loop import TrainingFailed  # noqa: E402
from compare_gan2.training.strategy import get_strategy  # noqa: E402

GIN_CONFIGS = pathlib.Path(__file__).resolve().parent.parent / "gin_configs"


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m compare_gan2.pretrain", description=__doc__.split("\n")[0])
    parser.add_argument("--gin_config", action="append", default=[], help="file of gin bindings")
    parser.add_argument("--gin_bindings", action="append", default=[], help="bindings, parsed after the files")
    parser.add_argument("--model_dir", help="folder of the extractor; default: its place in the cache")
    parser.add_argument("--tfds_data_dir", help="folder of TensorFlow Datasets")
    parser.add_argument("--data_fake_dataset", action="store_true", help="train on random images")
    parser.add_argument(
        "--data_shuffle_buffer_size", type=int, default=10_000, help="examples that are shuffled at a time"
    )
    options = parser.parse_args(arguments)
    try:
        _pretrain(options)
    except (ConfigError, DamagedFileError) as error:
        return _fail(str(error))
    except (CheckpointError, TrainingFailed) as error:
        return _fail(str(error), 1)
    except KeyboardInterrupt:
        return _fail("interrupted; the same command goes on from the last checkpoint", 130)
    except (OSError, tf.errors.ResourceExhaustedError, tf.errors.UnknownError) as error:
        if not is_full_disk(error):
            raise
        folder = options.model_dir or place.cache_dir(configuration.build(InferredLabelsOptions).cache_dir)
        return _fail(f"no space left on the disk of {folder}; checkpoints saved before are intact", 1)
    return 0


def _pretrain(options):
    assert gin_names.MODULES  # all names are declared
    if options.data_shuffle_buffer_size < 1:
        raise ConfigError(f"--data_shuffle_buffer_size: expected 1 or more, got {options.data_shuffle_buffer_size}")
    configuration.parse(options.gin_config, options.gin_bindings, search_paths=[GIN_CONFIGS])
    inferred = configuration.build(InferredLabelsOptions)
    tf.config.experimental.enable_op_determinism()
    strategy, devices = get_strategy()
    name, data_dir = configuration.build(DatasetOptions).name, options.tfds_data_dir
    dataset = get_dataset(name, data_dir, options.data_fake_dataset, options.data_shuffle_buffer_size)
    extractor = Extractor(dataset, strategy, inferred.cache_dir, options.model_dir)
    inference = None if inferred.kind is None else LabelInference(extractor, inferred.kind)
    print(f"folder: {extractor.folder}\ndevices: {devices}\ndataset: {dataset.description}", flush=True)
    print("\n".join([*dataset.notes, f"pre-training: {extractor.description}"]), flush=True)
    for warning in empty_classes(extractor.dataset.known_label_distribution):
        print(f"warning: {warning}", flush=True)
    accuracies = extractor.train()
    print("; ".join(f"{name.replace('_', ' ')}: {value:.4f}" for name, value in accuracies.items()))
    if inference is not None:
        print(f"replace_labels.file_pattern = {inference.infer().file_pattern!r}")


def _fail(message, code=2):
    print(f"error: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    allocator.keep_freed_memory()
    sys.exit(main())
