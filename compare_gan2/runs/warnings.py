"""Warnings of what is probably not intended in a valid configuration."""

from compare_gan2.config.unreached import number, unreached
from compare_gan2.datasets import latents
from compare_gan2.layers.initializers import Weights
from compare_gan2.pretraining.schedules import unreached_steps
from compare_gan2.run_folder import dataset_record

_STEPS = "options.training_steps"
LEAST_P = 0.1  # probability of augmentation; a run that cannot reach it has hardly any


def warnings_of(config, settings):
    """Yields lines about bindings without the effect that one would expect; call it after everything is built.

    Args:
        config: `Configuration`.
        settings: its `Settings`.
    """
    if mismatch := latents.mismatch(settings.latents, settings.eval_latents):
        yield mismatch
    if config.is_bound(Weights, "stddev"):
        yield "weights.stddev has no effect, as in the original: kernels start with a deviation of 0.02"
    yield from unreached_steps(config.record)
    yield from _unreached_steps(config.record, settings.options)
    if unused := config.unused:
        yield f"bound but not used by this run: {', '.join(unused)}"


def label_warnings(run):
    """Yields lines about the labels of training, once they are known; not for fake data and unconditional models."""
    record, gan = run.data.record, run.model.gan
    if gan.conditional and record is not None and not run.settings.command.data_fake_dataset:
        yield from dataset_record.label_warnings(record, gan.fit_label_distribution, run.settings.eval_labels.prior)


def _unreached_steps(record, options):
    """Yields lines about parts of a GAN that begin after the end of the run."""
    never = {
        "lecam.start_step": "its term never counts",
        "topk.steps_per_epoch": "k never shrinks, so that all fakes count",
    }
    if record.get("penalty.fn") not in (None, "@no_penalty"):
        never["penalty.every"] = "the penalty counts in the first step alone"
    never["path_length.every"] = "the term counts in the first step alone"
    for name in record:
        gan, _, parameter = name.rpartition(".")
        if parameter == "ema_start_step" and record.get(f"{gan}.g_use_ema") == "True":
            if record.get(f"{gan}.ema_half_life", "None") == "None":
                never[name] = "averaged weights are those of the last step"
    yield from unreached(record, _STEPS, never)
    images = options.training_steps * options.disc_iters * options.batch_size
    for name, effect in {
        "burn_in.images": "values do not arrive where they move to",
        "ema_half_life.burn_in": "the half-life does not reach ema_half_life.images",
    }.items():
        given = number(record.get(name))
        if given is not None and given > images:
            yield f"{name} = {given:g} is more than the {images} images of this run: {effect}"
    for name in ("ada", "apa"):
        kimg, first = number(record.get(f"{name}.kimg")), number(record.get(f"{name}.p"))
        if kimg is None or first is None or record.get(f"{name}.target") == "None":
            continue
        if first + images / (1000 * kimg) < LEAST_P:
            yield (
                f"{name}.kimg = {kimg:g}: in the {images} images of this run p can rise to "
                f"{first + images / (1000 * kimg):.2g} at most; bind a smaller {name}.kimg"
            )
