"""The measurements of `compare_gan2 benchmark`: results that JSON can hold and a readable text, for each kind."""

from compare_gan2.benchmarks import machine
from compare_gan2.ground import files
from compare_gan2.ground.messages import log

# Imports are inside the functions, so that one kind does not load what only another one needs.


def of_step(setting, rounds, against_plain, with_shares):
    """(results, text) of training steps; see `training_rate.measure`."""
    from compare_gan2.benchmarks import training_rate

    result = training_rate.measure(setting, against_plain=against_plain, rounds=rounds, with_shares=with_shares)
    return result, training_rate.table(result)


def of_parts(setting, parts, rounds):
    """(results, text) of what parts add to a step; see `part_costs.measure`."""
    from compare_gan2.benchmarks import part_costs

    every = parts == ["all"]
    parts = part_costs.shipped_parts() if every else parts
    say = lambda part: log.info(f"measuring {part}")  # noqa: E731
    result = part_costs.measure(setting, parts, rounds=rounds, on_part=say, leave_out=every)
    return result, part_costs.table(result)


def of_device(setting, kind, rounds, best):
    """(results, text) of settings on a device, the fastest of which goes to a file if `best` names one."""
    from compare_gan2.benchmarks import fastest_settings

    say = lambda what: log.info(f"measuring {what}")  # noqa: E731
    result = fastest_settings.measure(setting, kind, rounds=rounds, say=say)
    text = fastest_settings.table(result)
    if best:
        with files.replacing(best) as file:
            file.write(fastest_settings.part(result).encode())
        text += f"\nwritten: {best}"
    return result, text


def of_input(setting, rounds, dataset, tfds_data_dir):
    """(results, text) of the input pipelines; see `input_kinds.measure`."""
    from compare_gan2.benchmarks import input_kinds

    result = input_kinds.measure(setting, rounds=rounds, dataset=dataset, tfds_data_dir=tfds_data_dir)
    return result, input_kinds.table(result)


def of_sampling(batch, rounds, torch_python):
    """(results, text) of our BigGAN-deep 128 and, with an interpreter that has it, pytorch-pretrained-biggan."""
    from compare_gan2.benchmarks import sampling_rate

    rows = sampling_rate.measure(batch, rounds, torch_python)
    lines = [f"{name:26s} {row['images_per_second']:8.2f} images/s" for name, row in rows.items()]
    return {"machine": machine.description(), "rows": rows}, "\n".join(lines)


def of_metrics(rounds, torch_python):
    """(results, text) of metrics, beside those of other packages with an interpreter that has them."""
    from compare_gan2.benchmarks import metric_costs

    result = metric_costs.measure(rounds, torch_python, lambda metric: log.info(f"measuring {metric}"))
    return result, metric_costs.table(result)


def of_curves(folder, rounds):
    """(results, text) of how cost grows; the plot is in the folder, a path that is made if it is missing."""
    from compare_gan2.benchmarks import curves

    folder.mkdir(parents=True, exist_ok=True)
    rows = curves.measure(rounds, log.info)
    curves.plot(rows, folder / "cost.png")
    return {"machine": machine.description(), "rows": rows}, f"plot in {folder / 'cost.png'}"
