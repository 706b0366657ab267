"""The command `export`: writes a trained model for other programs, and for a page of its own."""

import pathlib
import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.export_flags import parser


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    left = "nothing was written"
    return frame.run(parser(), _export, arguments, check=_check, after_interrupt=left, bad_input=(OSError,))


def _check(options):
    from compare_gan2.exporting.request_checks import check_folder, check_formats
    from compare_gan2.runs import model_request

    check_formats(options.format)
    check_folder(_output(options), options.force)
    model_request.check(options.model_dir, options.step, options.gin_bindings)


def _output(options):
    return options.output or pathlib.Path("exports") / pathlib.Path(options.model_dir).absolute().name


def _export(options):
    from compare_gan2.config.unused_bindings import warn_of_unused
    from compare_gan2.exporting.export import export
    from compare_gan2.runs.load import load

    how = {"weights": options.weights, "allow_imports": options.allow_imports}
    model = load(options.model_dir, options.step, options.gin_bindings, **how)
    if options.gin_bindings:
        warn_of_unused(model.sampler.config, options.gin_bindings, "this command")
    how = {"force": options.force, "name": options.name, "license": options.license, "verbose": True}
    export(model, _output(options), options.format, **how)


if __name__ == "__main__":
    sys.exit(main())
