"""Warnings of what is probably not intended in a valid configuration."""

from compare_gan2.datasets import latents
from compare_gan2.layers.initializers import Weights
from compare_gan2.run_folder import dataset_record


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
    if unused := config.unused:
        yield f"bound but not used by this run: {', '.join(unused)}"


def label_warnings(run):
    """Yields lines about the labels of training, once they are known; not for fake data and unconditional models."""
    record, gan = run.data.record, run.model.gan
    if gan.conditional and record is not None and not run.settings.command.data_fake_dataset:
        yield from dataset_record.label_warnings(record, gan.fit_label_distribution, run.settings.eval_labels.prior)
