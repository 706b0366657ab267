"""`compare_gan2 sample`, or `python -m compare_gan2.sample`: pictures and files of a trained model's samples."""

import pathlib
import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.sample_flags import kind_of, parser
from compare_gan2.ground.errors import ConfigError


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    left = "nothing was written"
    return frame.run(
        parser(),
        _sample,
        arguments,
        check=_check,
        bad_input=(ValueError, OSError),
        after_interrupt=left,
        folder=_folder,
    )


def _check(options):
    from compare_gan2.command_line import sample_outputs

    options.kind = kind_of(options)
    for option in ("model_dir", "project"):
        path = getattr(options, option)
        if path is not None and not pathlib.Path(path).exists():
            what = "a picture" if option == "project" else "the folder of a run, of saved networks, or a .keras file"
            raise ConfigError(f"--{option}: expected {what}, there is no {path}")
    options.outputs = sample_outputs.outputs(options)


def _sample(options):
    from compare_gan2.command_line import sample_kinds
    from compare_gan2.runs.load import load

    model = load(
        options.model_dir,
        options.step,
        options.gin_bindings,
        allow_imports=options.allow_imports,
        weights=options.weights,
    )
    for line in sample_kinds.KINDS[options.kind](model, options):
        print(line)
    print(f"written: {', '.join(map(str, options.outputs))}")


def _folder(options):
    return options.outputs[0].parent


if __name__ == "__main__":
    sys.exit(main())
