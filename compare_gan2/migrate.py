"""`compare_gan2 migrate`, or `python -m compare_gan2.migrate`: converts work of the original compare_gan."""

import os
import pathlib
import re
import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.argument_types import local_name, run_folder
from compare_gan2.command_line.parser import add_configuration, parser_of
from compare_gan2.config import config_files
from compare_gan2.ground.errors import ConfigError

EXAMPLES = [
    "config --from=old.gin",
    "checkpoint --from=old/model.ckpt-1000 --gin_config=old.gin --model_dir=runs/old",
    "hub --from=module --output=networks",
]
NOTES = """checkpoint turns a TensorFlow 1 checkpoint into a run's folder, to resume or score. hub turns a published
TF-Hub module into a Keras generator and discriminator. config says what an old .gin file means here.
Exit code 0 when done, 2 if what is given cannot be used; nothing is written then."""


def parser():
    """`Parser` of the flags."""
    parser = parser_of("migrate", examples=EXAMPLES, notes=NOTES)
    commands = parser.add_subparsers(dest="what", metavar="checkpoint|hub|config", required=True)
    checkpoint = commands.add_parser("checkpoint", help="a TensorFlow 1 checkpoint becomes a run that can be resumed")
    checkpoint.add_argument("--from", dest="source", metavar="FILE", required=True, help=".../model.ckpt-N")
    checkpoint.add_argument("--model_dir", type=run_folder, metavar="DIR", required=True, help="a new folder")
    add_configuration(checkpoint, "files of the run, in order")
    hub = commands.add_parser("hub", help="a published module becomes a Keras generator and discriminator")
    hub.add_argument("--from", dest="source", metavar="MODULE", required=True, help="folder, or handle (with ://)")
    hub.add_argument("--output", type=local_name, metavar="DIR", required=True, help="folder to make")
    add_configuration(hub, "files that win over what the tool assumes, in order")
    config = commands.add_parser("config", help="an old .gin file is explained and rewritten")
    config.add_argument("--from", dest="source", metavar="FILE", required=True, help="the old file")
    config.add_argument("--output", type=local_name, metavar="FILE", help="default: beside the old, .new.gin")
    return parser


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    left = "nothing was written"
    return frame.run(parser(), _migrate, arguments, check=_check, bad_input=(OSError,), after_interrupt=left)


def _check(options):
    """Raises a `ConfigError` for a source or a configuration that is missing."""
    source = options.source
    index = re.sub(r"\.(index|meta|data-\d+-of-\d+)$", "", source) + ".index"
    if options.what == "config" and not os.path.exists(source):
        raise ConfigError(f"--from: cannot read {source}: there is no such file")
    if options.what == "checkpoint" and not os.path.exists(index):
        raise ConfigError(f"--from: {source} cannot be read: there is no {index}")
    if options.what == "hub" and "://" not in source and not os.path.exists(source):
        raise ConfigError(f"--from: expected the folder of a module, got {source}, which does not exist")
    config_files.texts_of(getattr(options, "gin_config", ()))


def _migrate(options):
    from compare_gan2.config.configuration import parse
    from compare_gan2.original import config, hub_module
    from compare_gan2.runs.migrate_checkpoint import migrate_checkpoint

    if options.what == "config":
        config.migrate(options.source, options.output or pathlib.Path(options.source).with_suffix(".new.gin"))
    elif options.what == "hub":
        module = hub_module.open_module(options.source)
        hub_module.migrate(module, options.output, options.gin_config, options.gin_bindings)
    else:
        path = migrate_checkpoint(parse(options.gin_config, options.gin_bindings), options.source, options.model_dir)
        print(
            f"{path}: resume it with compare_gan2 train, this configuration and --model_dir={options.model_dir}; to "
            "score it, add --schedule=eval_after_train --eval_every_steps=0"
        )


if __name__ == "__main__":
    sys.exit(main())
