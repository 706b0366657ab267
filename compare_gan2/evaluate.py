"""The command `evaluate`: scores images of any generator, or of a checkpoint, against real ones."""

import sys

from compare_gan2.command_line import evaluate_results, frame
from compare_gan2.command_line.evaluate_flags import parser
from compare_gan2.evaluation.image_names import require_images
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
        after_interrupt=_after_interrupt,
    )


def _check(options):
    if (options.fake is None) == (options.model_dir is None):
        raise ConfigError("--fake, --model_dir: expected one of them")
    if options.truncation is not None and options.model_dir is None:
        raise ConfigError("--truncation: images that exist cannot be truncated; expected --model_dir, a run to sample")
    evaluate_results.paths(options)
    imports = options.allow_imports or any("import" in line for line in options.gin_bindings)  # may add metrics
    if options.metrics is not None and not imports:
        from compare_gan2.metrics import registry, table  # noqa: F401, registers the shipped metrics

        registry.check_names(options.metrics, "--metrics")
    if options.model_dir is not None:
        from compare_gan2.runs import model_request

        model_request.check(options.model_dir, options.step)
    for option in ("fake", "real"):
        if getattr(options, option) is not None:
            require_images(getattr(options, option), f"--{option}")


def _evaluate(options):
    from compare_gan2.evaluation.evaluate import evaluate
    from compare_gan2.runs.load import load

    outputs, given = evaluate_results.paths(options), dict(vars(options))
    images = {name: value for name, value in given.items() if name not in _OF_COMMAND}
    try:
        if options.model_dir is None:
            scores = evaluate(options.fake, **images, bindings=options.gin_bindings)
        else:
            model = load(options.model_dir, options.step, options.gin_bindings, allow_imports=options.allow_imports)
            scores = evaluate(model, **images)
    except KeyboardInterrupt as interrupt:
        if scores := getattr(interrupt, "scores", []):
            evaluate_results.write_finished(outputs, given, scores)
            options.finished = True
        raise
    evaluate_results.write(outputs, given, scores)
    return int(all(score.value is None for score in scores))


def _after_interrupt(options):
    return "the scores that were finished are in the file" if "finished" in options else "no scores were written"


if __name__ == "__main__":
    sys.exit(main())
