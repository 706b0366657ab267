"""`compare_gan2 benchmark`, or `python -m compare_gan2.benchmark`: measures training, its input, and sampling."""

import json
import pathlib
import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.benchmark_flags import parser
from compare_gan2.config import config_files
from compare_gan2.ground import files
from compare_gan2.ground.errors import ConfigError


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    return frame.run(
        parser(),
        _benchmark,
        arguments,
        check=_check,
        bad_input=(FloatingPointError, OSError, RuntimeError),
        after_interrupt="nothing was written",
    )


def _check(options):
    """Raises a `ConfigError` for what could only be noticed after a long measurement."""
    if not options.sampling and not options.curves and bool(options.preset) == bool(options.gin_config):
        raise ConfigError("--preset or --gin_config: expected one of them")
    config_files.texts_of(options.gin_config)
    config_files.texts_of([part for part in options.part if part.endswith(".gin")])
    if options.part and (options.against or options.input or options.sampling or options.curves):
        raise ConfigError("--part: expected no other measurement beside it, such as --against, --input or --sampling")
    if options.time_to_fid and (options.part or options.against or options.input or options.sampling or options.curves):
        raise ConfigError("--time_to_fid: expected no other measurement beside it")
    if options.time_to_fid and options.preset:
        raise ConfigError("--preset: with --time_to_fid expected configurations, such as --gin_config=s3gan.gin")
    if "all" in options.part and len(options.part) > 1:
        raise ConfigError(f"--part: expected all or some parts, got {', '.join(options.part)}")
    if options.json:
        files.require_place("--json", options.json)


def _benchmark(options):
    result, text = _measured(options)
    print(text)
    if options.json:
        with files.replacing(options.json) as file:
            file.write(json.dumps(result, indent=1).encode())


def _measured(options):
    """(results, text) of what the flags ask for."""
    from compare_gan2.benchmarks import machine, measurements
    from compare_gan2.benchmarks.setting import setting_of

    if options.sampling:
        return measurements.of_sampling(options.batch, options.rounds, options.torch_python)
    if options.curves:
        return measurements.of_curves(options.curves, options.rounds)
    if options.time_to_fid:
        from compare_gan2.studies import time_to_fid

        folder, given = pathlib.Path(options.folder), (options.gin_config, options.gin_bindings)
        result = time_to_fid.measure(options.time_to_fid, *given, options.seeds, folder)
        return {"machine": machine.description()} | result, f"picture: {result['picture']}"
    setting = setting_of(
        options.preset, options.gin_config, options.gin_bindings, options.resolution, options.num_classes
    )
    if options.part:
        return measurements.of_parts(setting, options.part, options.rounds)
    if options.input:
        return measurements.of_input(setting, options.rounds, options.dataset, options.tfds_data_dir)
    return measurements.of_step(setting, options.rounds, options.against == "plain", not options.no_shares)


if __name__ == "__main__":
    sys.exit(main())
