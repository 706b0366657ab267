"""`compare_gan2 train`, or `python -m compare_gan2.main`: trains and scores a GAN."""

import os
import pathlib
import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.shipped_configurations import require_configuration
from compare_gan2.command_line.train_flags import parser
from compare_gan2.ground.messages import log
from compare_gan2.ground.trust import trusting
from compare_gan2.run_folder import finished_run
from compare_gan2.run_folder.model_directory import default_path


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    return frame.run(parser(), _train, arguments, check=_check, folder=_model_dir)


def _check(options):
    """0 if the run is done, checked without importing TensorFlow; else None."""
    require_configuration("train", options.gin_config, options.gin_bindings)
    folder = _model_dir(options)
    if (summary := finished_run.summary_of(folder, _asked(options))) is None:
        return None
    log.info(f"{folder}: nothing left to do, this run is done. {summary}")
    return 0


def _train(options):
    from compare_gan2.config.configuration import parse
    from compare_gan2.runs.rounds import run_in_rounds
    from compare_gan2.runs.settings import CommandOptions

    overrides = {
        "run_config": {"schedule": options.schedule, "eval_every_steps": options.eval_every_steps},
        "standing_statistics": {"num_samples": options.standing_statistics_num_samples},
        "evaluation": {"metrics": options.metrics},
    }
    command = CommandOptions(
        model_dir=str(_model_dir(options)),
        score_filename=options.score_filename,
        num_eval_averaging_runs=options.num_eval_averaging_runs,
        use_tpu=options.use_tpu,
        num_devices=options.num_devices,
        workers=tuple(options.workers or ()),
        worker_index=options.worker_index,
        worker_timeout=options.worker_timeout,
        tfds_data_dir=options.tfds_data_dir,
        data_fake_dataset=options.data_fake_dataset,
        data_shuffle_buffer_size=options.data_shuffle_buffer_size,
        dry_run=options.dry_run,
        asked=_asked(options),
        overrides={
            group: {name: value for name, value in given.items() if value is not None}
            for group, given in overrides.items()
        },
    )
    with trusting(options.trust):
        run_in_rounds(parse, options.gin_config, options.gin_bindings, command, allow_imports=options.allow_imports)


def _model_dir(options):
    fake = ["--data_fake_dataset"] if options.data_fake_dataset else []
    return pathlib.Path(options.model_dir or default_path(options.gin_config, [*options.gin_bindings, *fake]))


def _asked(options):
    """Digest of the request; None with other workers, which wait for this process."""
    if options.workers or os.environ.get("TF_CONFIG"):
        return None
    other = ("gin_config", "gin_bindings", "trust", "allow_imports", "dry_run")  # the latter change no result
    flags = {name: value for name, value in vars(options).items() if name not in other}
    flags["model_dir"] = str(_model_dir(options))
    return finished_run.asked_by(options.gin_config, options.gin_bindings, flags)


if __name__ == "__main__":
    sys.exit(main())
