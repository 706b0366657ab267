"""The metrics that ship with the package, one entry each: its function, what goes in, its rows and its gin options.

Papers, conventions and defaults are in the functions: an option has the name and the default of the parameter. The
entries are in the order of tables and pictures.
"""

import inspect
from typing import Annotated

import numpy as np

from compare_gan2.config.ranges import FileName, Range
from compare_gan2.metrics import bootstrap
from compare_gan2.metrics.classification.classification_accuracy import classification_accuracy
from compare_gan2.metrics.classification.classifier_score import classifier_score, classifier_score_of_splits
from compare_gan2.metrics.classification.conditional_accuracy import conditional_accuracy
from compare_gan2.metrics.distances.fid import fid
from compare_gan2.metrics.distances.fid_infinity import fid_infinity
from compare_gan2.metrics.distances.intra_class_fid import intra_class_fid
from compare_gan2.metrics.distances.kid import kid, kid_of_subsets
from compare_gan2.metrics.model.discriminator_accuracy import discriminator_accuracy
from compare_gan2.metrics.model.jacobian import generator_jacobian, jacobian_conditioning
from compare_gan2.metrics.pixels import brisque_model
from compare_gan2.metrics.pixels.brisque import brisque
from compare_gan2.metrics.pixels.fractal_dimension import fractal_dimension
from compare_gan2.metrics.pixels.ms_ssim import ms_ssim
from compare_gan2.metrics.precision_and_recall.density_coverage import density_coverage
from compare_gan2.metrics.precision_and_recall.prd import prd
from compare_gan2.metrics.precision_and_recall.prd_picture import plot_prd
from compare_gan2.metrics.precision_and_recall.precision_recall import precision_recall
from compare_gan2.metrics.registry import Estimate, Row, metric, register

# What a function of arrays can be given, by the need that provides it.
_INPUTS = {
    "real_features": lambda samples: samples.real.features,
    "real_labels": lambda samples: samples.real.labels,
    "fake_images": lambda samples: samples.fake.images,
    "fake_features": lambda samples: samples.fake.features,
    "fake_logits": lambda samples: samples.fake.logits,
    "fake_labels": lambda samples: samples.fake.labels,
}
_FEATURES = ("real_features", "fake_features")
_LABELLED_FEATURES = ("real_features", "real_labels", "fake_features", "fake_labels")


def _result(function, inputs, samples, **parameters):
    """What a function of arrays returns for samples; it gets their seed and progress if it takes them."""
    taken = inspect.signature(function).parameters
    given = {name: getattr(samples, name) for name in ("seed", "progress") if name in taken}
    return function(*(_INPUTS[name](samples) for name in inputs), **given, **parameters)


def _entry(name, function, inputs, *, values=None, per_image=None, also_needs=(), rows=None, **registration):
    """Registers a function of arrays.

    Args:
        name, function, rows: see `registry.register`.
        inputs: keys of `_INPUTS`, the positional arguments of the function.
        values: for each row the attribute of the result that holds it; None: the result is the value.
        per_image: function (samples, value) -> [any] numbers per image of the first row; None: there are none.
        also_needs: needs beside the inputs.
        registration: of `registry.register`.
    """

    def compute(samples, **parameters):
        result = _result(function, inputs, samples, **parameters)
        found = [result] if values is None else [getattr(result, value) for value in values]
        if per_image is not None:
            found[0] = Estimate(found[0], per_image(samples, found[0]))
        return dict(zip(rows or [name], found, strict=True))

    register(name, function, compute, needs=(*inputs, *also_needs), rows=rows, **registration)


def _fid_resamples(samples, random):
    resampled = bootstrap.fid_resamples(samples.real.features, samples.fake.features, random)
    return {} if resampled is None else {"fid": resampled}


def _classifier_score_resamples(samples, random):
    return {"classifier_score": bootstrap.classifier_score_resamples(samples.fake.logits, random)}


def _as_many_hits(samples, accuracy):
    # For the interval it does not matter which of the real images were the hits.
    return np.arange(samples.real.count) < round(accuracy * samples.real.count)


def _draw_prd(path, samples, **parameters):
    plot_prd(path, {"": _result(prd, _FEATURES, samples, **parameters)})


_entry("fid", fid, _FEATURES, title="FID", better="lower", resample=_fid_resamples)
_entry(
    "conditional_accuracy",
    conditional_accuracy,
    ("fake_logits", "fake_labels"),
    also_needs=["class_logits"],
    per_image=lambda samples, _: samples.fake.logits.argmax(axis=1) == samples.fake.labels,
    better="higher",
)
_entry("classifier_score", classifier_score, ("fake_logits",), better="higher", resample=_classifier_score_resamples)
_entry(
    "classifier_score_of_splits",
    classifier_score_of_splits,
    ("fake_logits",),
    options=("num_splits", "shuffle_seed"),
    rows={
        "classifier_score_of_splits": Row("Classifier score of splits", "higher"),
        "classifier_score_of_splits_std": Row("Classifier score of splits, deviation"),
    },
    values=("mean", "std"),
)
_entry(
    "fid_infinity",
    fid_infinity,
    _FEATURES,
    options=("num_sizes", "fewest"),
    values=("value",),
    title="FID infinity",
    better="lower",
)
_entry(
    "kid",
    kid,
    _FEATURES,
    options=("max_block_size",),
    rows={"kid": Row("KID", "lower"), "kid_standard_error": Row("KID, standard error")},
    values=("mean", "standard_error"),
)
_entry(
    "kid_of_subsets",
    kid_of_subsets,
    _FEATURES,
    options=("num_subsets", "subset_size", "subset_seed"),
    rows={"kid_of_subsets": Row("KID of subsets", "lower"), "kid_of_subsets_std": Row("KID of subsets, deviation")},
    values=("mean", "std"),
)
_entry(
    "prd",
    prd,
    _FEATURES,
    options=("num_clusters", "num_angles", "num_runs", "require_balance"),
    rows={"prd_f8": Row("PRD F8 (recall)", "higher"), "prd_f1_8": Row("PRD F1/8 (precision)", "higher")},
    values=("f8", "f1_8"),
    draw=_draw_prd,
)
_entry(
    "precision_recall",
    precision_recall,
    _FEATURES,
    options=("neighbours",),
    rows={"precision": Row("Precision", "higher"), "recall": Row("Recall", "higher")},
    values=("precision", "recall"),
)
_entry(
    "density_coverage",
    density_coverage,
    _FEATURES,
    options=("neighbours",),
    rows={"density": Row("Density", "higher"), "coverage": Row("Coverage", "higher")},
    values=("density", "coverage"),
)
_entry(
    "intra_class_fid",
    intra_class_fid,
    _LABELLED_FEATURES,
    values=("mean",),
    title="Intra-class FID",
    better="lower",
)
_entry(
    "classification_accuracy",
    classification_accuracy,
    _LABELLED_FEATURES,
    options=("regularisation", "max_iterations"),
    values=("accuracy",),
    per_image=_as_many_hits,
    title="Classification accuracy (CAS)",
    better="higher",
)
_entry("ms_ssim", ms_ssim, ("fake_images",), options=("num_batches", "batch_size"), title="MS-SSIM", better="lower")


@metric(
    "jacobian",
    needs=["generator"],
    rows={
        "log_condition_number": Row("Log condition number", "lower"),
        "log_condition_number_std": Row("Log condition number, deviation"),
    },
)
def _jacobian(samples, num_images: Annotated[int, Range(1, 64)] = 64):
    """Conditioning of the generator: log condition numbers of J'J, J the derivative of an image by its latents.

    https://arxiv.org/abs/1802.08768 (Odena et al.)

    Args:
        samples: `Samples`.
        num_images: images that are differentiated, at most 64.
    """
    access = samples.generator
    if not 1 <= num_images <= len(access.latents):
        raise ValueError(f"jacobian.num_images: expected 1 to {len(access.latents)}, got {num_images}")
    jacobian = generator_jacobian(access.generate, access.latents[:num_images], samples.progress)
    found = jacobian_conditioning(jacobian)
    return {"log_condition_number": found.mean, "log_condition_number_std": found.std}


_entry("fractal_dimension", fractal_dimension, ("fake_images",), options=("num_seeds", "num_radii"))


@metric(
    "discriminator_accuracy",
    needs=["discriminator", "train_images", "real_images", "fake_images"],
    rows={
        f"discriminator_accuracy_{part}": Row(f"Discriminator accuracy, {part}")
        for part in ("train", "test", "fake", "gap")
    },
)
def _discriminator_accuracy(samples):
    """How often the discriminator judges training, test and generated images correctly, and the gap train - test."""
    sets = (samples.train, samples.real, samples.fake)
    found = discriminator_accuracy(*(samples.discriminator(images.images, images.labels) for images in sets))
    return {f"discriminator_accuracy_{part}": getattr(found, part) for part in ("train", "test", "fake", "gap")}


@metric(
    "brisque",
    needs=["fake_images"],
    rows={"brisque": Row("BRISQUE", "lower"), "brisque_std": Row("BRISQUE, deviation over images")},
    describe=lambda model, ranges: {"model": brisque_model.of_options(model, ranges).name},
)
def _brisque(samples, model: FileName | None = None, ranges: FileName | None = None):
    """BRISQUE, a score of single images without a reference: mean and deviation over images; lower is better.

    Mittal, Moorthy and Bovik, IEEE TIP 21(12), 2012.

    Args:
        samples: `Samples`.
        model: path of a LIBSVM model file, or "package" for the model of the installed package `brisque`.
        ranges: path of the range file of the model; None with "package".
    """
    found = brisque(samples.fake.images, brisque_model.of_options(model, ranges), samples.progress)
    return {"brisque": Estimate(found.mean, found.per_image), "brisque_std": found.std}
