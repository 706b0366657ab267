"""Trains and scores a GAN: `python -m compare_gan2.main --gin_config=gin_configs/s3gan.gin`.

Exit code 0 when done, 1 when a run fails, 2 for a configuration that cannot be run, 130 when interrupted.
"""

import os
import sys

from compare_gan2 import versions

versions.check()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's start-up notices bury our own lines

import hashlib  # noqa: E402
import pathlib  # noqa: E402

import tensorflow as tf  # noqa: E402
from absl import app, flags, logging  # noqa: E402

from compare_gan2 import allocator, configuration, gin_names, run  # noqa: E402
from compare_gan2.configuration import ConfigError  # noqa: E402
from compare_gan2.reporting.files import DamagedFileError, is_full_disk  # noqa: E402
from compare_gan2.session import RunFlags  # noqa: E402
from compare_gan2.training.checkpoints import CheckpointError  # noqa: E402
from compare_gan2.training.loop import TrainingFailed  # noqa: E402
from compare_gan2.training.model_directory import default_path  # noqa: E402

GIN_CONFIGS = pathlib.Path(__file__).resolve().parent.parent / "gin_configs"

FLAGS = flags.FLAGS
flags.DEFINE_string("model_dir", None, "Folder of the run. Default: runs/CONFIG, with -HASH if bindings are given.")
flags.DEFINE_string(
    "schedule", None, "train, eval_after_train, train_and_eval or continuous_eval; wins over run_config.schedule."
)
flags.DEFINE_list("metrics", None, "Names of metrics, with commas; wins over evaluation.metrics.")
flags.DEFINE_multi_string("gin_config", [], "Files of gin bindings, parsed in order.")
flags.DEFINE_multi_string("gin_bindings", [], "Gin bindings, parsed after the files.")
flags.DEFINE_string("score_filename", "scores.csv", "File of the scores in model_dir.")
flags.DEFINE_integer("num_eval_averaging_runs", 3, "Fake sets that are sampled and scored per checkpoint.", 1)
flags.DEFINE_integer(
    "eval_every_steps", None, "Score only positive multiples of this; 0: all. Wins over run_config.eval_every_steps.", 0
)
flags.DEFINE_integer(
    "standing_statistics_num_samples", None, "Wins over standing_statistics.num_samples.", lower_bound=1
)
flags.DEFINE_bool("use_tpu", None, "Train on the TPU that TPU_NAME names. Default: if TPU_NAME is set.")
flags.DEFINE_integer(
    "num_devices", None, "GPUs to use, or CPU devices to make where there is no GPU. Default: all GPUs.", 1
)
flags.DEFINE_list("workers", None, "HOST:PORT of all processes that train together. Default: TF_CONFIG, else this one.")
flags.DEFINE_integer("worker_index", None, "Position of this process in --workers; 0 is the chief.")
flags.DEFINE_float("worker_timeout", 300.0, "Seconds to wait for a worker at the start, or for a sign of life.", 5.0)
flags.DEFINE_string("tfds_data_dir", None, "Folder of TensorFlow Datasets.")
flags.DEFINE_bool("data_fake_dataset", False, "Train on random images of the dataset's shape.")
flags.DEFINE_integer("data_shuffle_buffer_size", 10000, "Examples that are shuffled at a time.", 1)
flags.DEFINE_integer("data_reading_num_threads", 64, "Width of the interleave over replacement-label files.", 1)


def main(arguments):
    if len(arguments) > 1:
        return _fail(f"unknown arguments {arguments[1:]}")
    if not FLAGS["verbosity"].present:
        logging.set_verbosity(logging.WARNING)
    try:
        configuration.parse(FLAGS.gin_config, FLAGS.gin_bindings, search_paths=[GIN_CONFIGS])
        run.run(_run_flags())
    except (ConfigError, DamagedFileError) as error:
        return _fail(str(error))
    except (CheckpointError, TrainingFailed) as error:
        return _fail(str(error), 1)
    except KeyboardInterrupt:
        return _fail("interrupted; the same command goes on from the last checkpoint", 130)
    except (OSError, tf.errors.ResourceExhaustedError, tf.errors.UnknownError) as error:
        if not is_full_disk(error):
            raise
        return _fail(f"no space left on the disk of {_model_dir()}; checkpoints saved before are intact", 1)
    return 0


def _run_flags():
    run_config = {"schedule": FLAGS.schedule, "eval_every_steps": FLAGS.eval_every_steps}
    standing = {"num_samples": FLAGS.standing_statistics_num_samples}
    evaluation = {"metrics": FLAGS.metrics}
    return RunFlags(
        model_dir=_model_dir(),
        score_filename=FLAGS.score_filename,
        num_eval_averaging_runs=FLAGS.num_eval_averaging_runs,
        use_tpu=FLAGS.use_tpu,
        num_devices=FLAGS.num_devices,
        workers=tuple(FLAGS.workers or ()),
        worker_index=FLAGS.worker_index,
        worker_timeout=FLAGS.worker_timeout,
        tfds_data_dir=FLAGS.tfds_data_dir,
        data_fake_dataset=FLAGS.data_fake_dataset,
        data_shuffle_buffer_size=FLAGS.data_shuffle_buffer_size,
        overrides={
            "run_config": {name: value for name, value in run_config.items() if value is not None},
            "standing_statistics": {name: value for name, value in standing.items() if value is not None},
            "evaluation": {name: value for name, value in evaluation.items() if value is not None},
        },
    )


def _model_dir():
    if FLAGS.model_dir:
        return FLAGS.model_dir
    given = [*FLAGS.gin_bindings, *(["--data_fake_dataset"] if FLAGS.data_fake_dataset else [])]
    digest = hashlib.sha256("\n".join(given).encode()).hexdigest()[:8] if given else ""
    return default_path(FLAGS.gin_config, digest)


def _parse_flags(arguments):
    try:
        return FLAGS(arguments)
    except flags.Error as error:
        sys.exit(_fail(str(error)))


def _fail(message, code=2):
    print(f"error: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    assert gin_names.MODULES  # all names are declared
    allocator.keep_freed_memory()
    app.run(main, flags_parser=_parse_flags)
