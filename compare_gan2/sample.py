"""`compare_gan2 sample`, or `python -m compare_gan2.sample`: pictures and files of a trained model's samples."""

import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.sample_flags import kind_of, parser


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
    from compare_gan2.runs import model_request

    options.kind = kind_of(options)
    model_request.check(options.model_dir, options.step, options.gin_bindings, options.classes)
    if options.project is not None:
        from compare_gan2.sampling.user_picture import require_picture

        require_picture(options.project)
    options.outputs = sample_outputs.outputs(options)


def _sample(options):
    from compare_gan2.command_line import sample_kinds
    from compare_gan2.config.unused_bindings import warn_of_unused
    from compare_gan2.runs.load import complete, opened

    model = opened(
        options.model_dir,
        options.step,
        options.gin_bindings,
        allow_imports=options.allow_imports,
        weights=options.weights,
    )
    if options.gin_bindings and options.kind != "neighbours":  # which read options of data, too
        warn_of_unused(model.sampler.config, options.gin_bindings, "this command")
    given = sample_kinds.given_images(model, options)  # before minutes of statistics: they may not fit
    for line in sample_kinds.KINDS[options.kind](complete(model), options, given):
        print(line)
    print(f"written: {', '.join(map(str, options.outputs))}")


def _folder(options):
    return options.outputs[0].parent


if __name__ == "__main__":
    sys.exit(main())
