"""`compare_gan2 benchmark`, or `python -m compare_gan2.benchmark`: measures training, its input, and sampling."""

import json
import pathlib
import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.benchmark_flags import check, parser
from compare_gan2.ground import files


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    return frame.run(
        parser(),
        _benchmark,
        arguments,
        check=check,
        bad_input=(FloatingPointError, OSError, RuntimeError),
        after_interrupt="nothing was written",
    )


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
    if options.metrics:
        return measurements.of_metrics(options.rounds, options.torch_python)
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
    if options.device:
        return measurements.of_device(setting, options.device, options.rounds, options.best)
    if options.part:
        return measurements.of_parts(setting, options.part, options.rounds)
    if options.input:
        return measurements.of_input(setting, options.rounds, options.dataset, options.tfds_data_dir)
    return measurements.of_step(setting, options.rounds, options.against == "plain", not options.no_shares)


if __name__ == "__main__":
    sys.exit(main())
