"""Brings work of the original compare_gan along: `python -m compare_gan2.migrate checkpoint|hub|config --help`.

`checkpoint` turns a TensorFlow 1 checkpoint into a run's folder: training goes on from it, and it can be scored.
`hub` turns a published TF-Hub module into a Keras generator and discriminator. `config` says what an old `.gin` file
means here and writes one that does.
Exit code 0 when done, 2 if what is given cannot be used; nothing is written then.
"""

import argparse
import os
import pathlib
import re
import sys

from compare_gan2 import versions

versions.check()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's start-up notices bury our own lines

from absl import logging  # noqa: E402

from compare_gan2 import configuration, gin_names, original_checkpoint, original_config, original_module  # noqa: E402
from compare_gan2.configuration import ConfigError  # noqa: E402
from compare_gan2.session import RunFlags, Session  # noqa: E402
from compare_gan2.training.checkpoints import checkpoint_steps, damage_of  # noqa: E402

GIN_CONFIGS = pathlib.Path(__file__).resolve().parent.parent / "gin_configs"


def main(arguments=None):
    options = _parser().parse_args(arguments)
    logging.set_verbosity(logging.WARNING)
    try:
        options.run(options)
    except (ConfigError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="python -m compare_gan2.migrate", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    checkpoint = commands.add_parser("checkpoint", help="a TensorFlow 1 checkpoint becomes a run that goes on")
    checkpoint.add_argument("--from", dest="source", required=True, help="checkpoint: .../model.ckpt-N")
    checkpoint.add_argument("--model_dir", required=True, help="folder to make; must not hold checkpoints yet")
    checkpoint.set_defaults(run=_checkpoint)
    hub = commands.add_parser("hub", help="a published module becomes a Keras generator and discriminator")
    hub.add_argument("--from", dest="source", required=True, help="folder of the module, or its handle (with ://)")
    hub.add_argument("--output", required=True, help="folder to make")
    hub.set_defaults(run=_hub)
    for command, files in ((checkpoint, "files of the run"), (hub, "files that win over what the tool assumes")):
        command.add_argument("--gin_config", action="append", default=[], help=f"{files}, in order")
        command.add_argument("--gin_bindings", action="append", default=[], help="bindings, parsed after the files")
    config = commands.add_parser("config", help="an old .gin file is explained and rewritten")
    config.add_argument("--from", dest="source", required=True, help="the old file")
    config.add_argument("--output", help="file to write; default: beside the old one, ending in .new.gin")
    config.set_defaults(run=_config)
    return parser


def _checkpoint(options):
    configuration.parse(options.gin_config, options.gin_bindings, search_paths=[GIN_CONFIGS])
    path = migrate_checkpoint(options.source, options.model_dir)
    print(
        f"{path}: go on with compare_gan2.main, this configuration and --model_dir={options.model_dir}; to score it, "
        "add --schedule=eval_after_train --eval_every_steps=0"
    )


def migrate_checkpoint(source, model_dir):
    """Makes a run's folder from the bound configuration and a checkpoint of the original; returns the checkpoint there.

    Raises:
        ConfigError: if the source cannot be read or does not fit, or the folder holds checkpoints.
    """
    if checkpoint_steps(model_dir):
        raise ConfigError(f"--model_dir: {model_dir} holds checkpoints already; choose another folder")
    source = re.sub(r"\.(index|meta|data-\d+-of-\d+)$", "", source)
    if damage := damage_of(source):
        raise ConfigError(f"--from: {source} cannot be read: {damage}")
    # Fake data and no scores: only shapes are needed, which the data set's name gives.
    flags = RunFlags(model_dir=model_dir, data_fake_dataset=True, overrides={"run_config": {"schedule": "train"}})
    session = Session(flags)
    try:
        with session.strategy.scope():
            original_checkpoint.restore(source, session.state)
    except ValueError as error:
        raise ConfigError(f"--from: {error}") from error
    _check_counters(session.state)
    # The flags of `main` are left open: the first session there decides whether it takes real data.
    resolved = {name: text for name, text in session.resolved.items() if not name.startswith("--")}
    with session.directory.writing():
        session.directory.record(session.state.current_step(), resolved)
        return session.checkpoints.save()


def _check_counters(state):
    steps, expected = int(state.discriminator_step.numpy()), state.gan.options.disc_iters * state.current_step()
    if steps != expected:
        print(
            f"warning: the checkpoint has {steps} discriminator updates in {state.current_step()} steps, where "
            f"options.disc_iters = {state.gan.options.disc_iters} makes {expected}",
            flush=True,
        )


def _hub(options):
    module = original_module.open_module(options.source)
    original_module.migrate(module, options.output, options.gin_config, options.gin_bindings, [GIN_CONFIGS])


def _config(options):
    source = pathlib.Path(options.source)
    original_config.migrate(source, options.output or source.with_suffix(".new.gin"), [GIN_CONFIGS])


if __name__ == "__main__":
    assert gin_names.MODULES  # all names are declared
    sys.exit(main())
