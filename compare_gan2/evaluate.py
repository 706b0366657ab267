"""The command `evaluate`: scores images of any generator, or of a checkpoint, against real ones."""

import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.evaluate_flags import parser
from compare_gan2.evaluation import evaluation_file
from compare_gan2.evaluation.image_names import require_images
from compare_gan2.evaluation.score_table import score_table
from compare_gan2.ground.errors import CheckpointError, ConfigError

_OF_COMMAND = ("model_dir", "step", "fake", "gin_bindings", "output")  # flags that `evaluate` does not take


def main(arguments=None):
    """Exit code of the command."""
    return frame.run(
        parser(),
        _evaluate,
        arguments,
        check=_check,
        bad_input=(ValueError, CheckpointError, OSError),
        after_interrupt="no scores were written",
    )


def _check(options):
    if (options.fake is None) == (options.model_dir is None):
        raise ConfigError("--fake, --model_dir: expected one of them")
    evaluation_file.free_path(options.output)
    imports = options.allow_imports or any("import" in line for line in options.gin_bindings)  # may add metrics
    if options.metrics is not None and not imports:
        from compare_gan2.metrics import registry, table  # noqa: F401, registers the shipped metrics

        registry.check_names(options.metrics, "--metrics")
    for option in ("fake", "real"):
        if getattr(options, option) is not None:
            require_images(getattr(options, option), f"--{option}")


def _evaluate(options):
    from compare_gan2.evaluation.evaluate import evaluate
    from compare_gan2.runs.load import load

    output, given = evaluation_file.free_path(options.output), vars(options)
    images = {name: value for name, value in given.items() if name not in _OF_COMMAND}
    if options.model_dir is None:
        scores = evaluate(options.fake, **images, bindings=options.gin_bindings)
    else:
        model = load(options.model_dir, options.step, options.gin_bindings, allow_imports=options.allow_imports)
        scores = evaluate(model, **images)
    evaluation_file.write(output, {name: value for name, value in given.items() if value not in (None, [])}, scores)
    print(score_table(scores))
    print(f"with their protocols in {output}")
    return int(any(score.has_failed for score in scores))


if __name__ == "__main__":
    sys.exit(main())
