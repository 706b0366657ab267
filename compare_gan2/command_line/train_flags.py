"""The flags of `compare_gan2 train`."""

from compare_gan2.command_line.argument_types import comma_list, data_folder, number, run_folder, whole_number
from compare_gan2.command_line.parser import add_configuration, add_trust, parser_of

SCHEDULES = ("train", "eval_after_train", "train_and_eval", "continuous_eval")
EXAMPLES = [
    "--gin_config=s3gan.gin",
    '--gin_config=mnist_5k/s3gan.gin --gin_bindings="labels.fraction = 0.05" --model_dir=runs/few_labels',
    "--gin_config=s3gan.gin --dry_run",
    "--gin_config=s3gan.gin --schedule=train",
    "--gin_config=s3gan.gin --schedule=eval_after_train --metrics=fid,kid,prd",
]
NOTES = """The same command resumes a run from its last checkpoint, and does nothing when the run is done.

Exit code 0 when done, 1 when a run fails, 2 for a configuration that cannot be run, 130, 143 or 129 when stopped by
Ctrl-C, SIGTERM or SIGHUP."""


def parser():
    """`Parser` of the flags."""
    parser = parser_of("train", examples=EXAMPLES, notes=NOTES)
    add_configuration(parser)
    add, switch = parser.add_argument, parser.add_switch
    add(
        "--model_dir",
        type=run_folder,
        metavar="DIR",
        help="folder of the run; default: runs/CONFIG, with bindings",
    )
    add("--schedule", choices=SCHEDULES, help="wins over run_config.schedule")
    add("--metrics", type=comma_list, metavar="NAMES", help="with commas; wins over evaluation.metrics")
    add("--score_filename", default="scores.csv", metavar="FILE", help="of the scores in the folder")
    add("--num_eval_averaging_runs", type=whole_number(1, 1000), default=3, metavar="N", help="sets of fakes to score")
    add("--eval_every_steps", type=whole_number(0), metavar="N", help="score only multiples of this; 0: all")
    add("--standing_statistics_num_samples", type=whole_number(1), metavar="N", help="wins over the binding")
    switch("--dry_run", help="show what it would cost: networks, memory, disk, time; take a few steps, write nothing")
    switch("--use_tpu", default=None, help="train on the TPU that TPU_NAME names; default: if TPU_NAME is set")
    add("--num_devices", type=whole_number(1, 4096), metavar="N", help="GPUs, or CPU devices; default: all GPUs")
    add("--workers", type=comma_list, metavar="HOST:PORT,...", help="all processes; default: TF_CONFIG, or this one")
    add("--worker_index", type=whole_number(), metavar="N", help="of this process in --workers; 0 is the chief")
    add("--worker_timeout", type=number(5.0, 1e6), default=300.0, metavar="SECONDS", help="to wait for another worker")
    add("--tfds_data_dir", type=data_folder, metavar="DIR", help="folder of TensorFlow Datasets")
    switch("--data_fake_dataset", help="train on random images of the dataset's shape")
    add("--data_shuffle_buffer_size", type=whole_number(1), default=10_000, metavar="N", help="examples at a time")
    add("--data_reading_num_threads", type=whole_number(1), default=64, metavar="N", help="accepted, without effect")
    add(
        "-v",
        "--verbosity",
        type=whole_number(-3, 9),
        metavar="LEVEL",
        help="of TensorFlow's messages; default: warning",
    )
    add_trust(parser)
    return parser
