"""The metrics that ship with the package, as the registry knows them: what each reads and what its rows are called.

The functions themselves, with their papers and conventions, are in the modules of their names.
"""

import functools

import numpy as np

from compare_gan2.configuration import ConfigError
from compare_gan2.metrics import (
    bootstrap,
    brisque_model,
    classifier_score,
    density_coverage,
    discriminator_accuracy,
    fid_infinity,
    fractal_dimension,
    intra_class_fid,
    jacobian,
    kid,
    ms_ssim,
    prd,
    prd_picture,
    precision_recall,
)
from compare_gan2.metrics.brisque import brisque
from compare_gan2.metrics.classification_accuracy import classification_accuracy
from compare_gan2.metrics.conditional_accuracy import conditional_accuracy
from compare_gan2.metrics.fid import fid
from compare_gan2.metrics.registry import Estimate, Row, metric

FEATURES = ["real_features", "fake_features"]
LABELS = ["real_labels", "fake_labels"]


def _fid_interval(samples, random):
    resampled = bootstrap.fid_resamples(samples.real.features, samples.fake.features, random)
    return {} if resampled is None else {"fid": resampled}


@metric("fid", needs=FEATURES, title="FID", better="lower", resample=_fid_interval)
def _fid(samples):
    return fid(samples.real.features, samples.fake.features, samples.progress)


@metric("conditional_accuracy", needs=["fake_logits", "fake_labels", "class_logits"], better="higher")
def _conditional_accuracy(samples):
    logits, labels = samples.fake.logits, samples.fake.labels
    return Estimate(conditional_accuracy(logits, labels), logits.argmax(axis=1) == labels)


def _score_interval(samples, random):
    return {"classifier_score": bootstrap.classifier_score_resamples(samples.fake.logits, random)}


@metric("classifier_score", needs=["fake_logits"], better="higher", resample=_score_interval)
def _classifier_score(samples):
    return classifier_score.classifier_score(samples.fake.logits)


_SPLIT_ROWS = {
    "classifier_score_of_splits": Row("Classifier score of splits", "higher"),
    "classifier_score_of_splits_std": Row("Classifier score of splits, deviation"),
}


@metric("classifier_score_of_splits", needs=["fake_logits"], rows=_SPLIT_ROWS)
def _classifier_score_of_splits(samples, num_splits: int = 10, shuffle_seed: int | None = None):
    score = classifier_score.classifier_score_of_splits(samples.fake.logits, num_splits, shuffle_seed=shuffle_seed)
    return dict(zip(_SPLIT_ROWS, (score.mean, score.std), strict=True))


@metric("fid_infinity", needs=FEATURES, title="FID infinity", better="lower")
def _fid_infinity(samples, num_sizes: int = 15, fewest: int | None = None):
    return fid_infinity.fid_infinity(
        samples.real.features,
        samples.fake.features,
        seed=samples.seed,
        num_sizes=num_sizes,
        fewest=fewest,
        progress=samples.progress,
    ).value


_KID_ROWS = {"kid": Row("KID", "lower"), "kid_standard_error": Row("KID, standard error")}


@metric("kid", needs=FEATURES, rows=_KID_ROWS)
def _kid(samples, max_block_size: int = 1024):
    found = kid.kid(
        samples.real.features, samples.fake.features, max_block_size=max_block_size, progress=samples.progress
    )
    return dict(zip(_KID_ROWS, (found.mean, found.standard_error), strict=True))


_SUBSET_KID_ROWS = {
    "kid_of_subsets": Row("KID of subsets", "lower"),
    "kid_of_subsets_std": Row("KID of subsets, deviation"),
}


@metric("kid_of_subsets", needs=FEATURES, rows=_SUBSET_KID_ROWS)
def _kid_of_subsets(samples, num_subsets: int = 100, subset_size: int = 1000, subset_seed: int = 2020):
    found = kid.kid_of_subsets(
        samples.real.features,
        samples.fake.features,
        num_subsets=num_subsets,
        subset_size=subset_size,
        seed=subset_seed,
        progress=samples.progress,
    )
    return dict(zip(_SUBSET_KID_ROWS, (found.mean, found.std), strict=True))


_PRD_ROWS = {"prd_f8": Row("PRD F8 (recall)", "higher"), "prd_f1_8": Row("PRD F1/8 (precision)", "higher")}


def _prd_curve(samples, num_clusters, num_angles, num_runs, require_balance):
    return prd.prd(
        samples.real.features,
        samples.fake.features,
        seed=samples.seed,
        num_clusters=num_clusters,
        num_angles=num_angles,
        num_runs=num_runs,
        require_balance=require_balance,
        progress=samples.progress,
    )


def _draw_prd(path, samples, **parameters):
    prd_picture.plot_prd(path, {"": _prd_curve(samples, **parameters)})


@metric("prd", needs=FEATURES, rows=_PRD_ROWS, draw=_draw_prd)
def _prd(samples, num_clusters: int = 20, num_angles: int = 1001, num_runs: int = 10, require_balance: bool = True):
    curve = _prd_curve(samples, num_clusters, num_angles, num_runs, require_balance)
    return dict(zip(_PRD_ROWS, (curve.f8, curve.f1_8), strict=True))


@metric(
    "precision_recall",
    needs=FEATURES,
    rows={"precision": Row("Precision", "higher"), "recall": Row("Recall", "higher")},
)
def _precision_recall(samples, neighbours: int = 3):
    found = precision_recall.precision_recall(
        samples.real.features, samples.fake.features, neighbours=neighbours, progress=samples.progress
    )
    return {"precision": found.precision, "recall": found.recall}


@metric(
    "density_coverage",
    needs=FEATURES,
    rows={"density": Row("Density", "higher"), "coverage": Row("Coverage", "higher")},
)
def _density_coverage(samples, neighbours: int = 5):
    found = density_coverage.density_coverage(
        samples.real.features, samples.fake.features, neighbours=neighbours, progress=samples.progress
    )
    return {"density": found.density, "coverage": found.coverage}


@metric("intra_class_fid", needs=FEATURES + LABELS, title="Intra-class FID", better="lower")
def _intra_class_fid(samples):
    return intra_class_fid.intra_class_fid(
        samples.real.features,
        samples.real.labels,
        samples.fake.features,
        samples.fake.labels,
        progress=samples.progress,
    ).mean


@metric("classification_accuracy", needs=FEATURES + LABELS, title="Classification accuracy (CAS)", better="higher")
def _classification_accuracy(samples, regularisation: float = 1.0, max_iterations: int = 1000):
    accuracy = classification_accuracy(
        samples.real.features,
        samples.real.labels,
        samples.fake.features,
        samples.fake.labels,
        regularisation=regularisation,
        max_iterations=max_iterations,
    ).accuracy
    # For the interval it does not matter which of the real images were the hits.
    return Estimate(accuracy, np.arange(samples.real.count) < round(accuracy * samples.real.count))


@metric("ms_ssim", needs=["fake_images"], title="MS-SSIM", better="lower")
def _ms_ssim(samples, num_batches: int = 5, batch_size: int = 64):
    return ms_ssim.ms_ssim(
        samples.fake.images,
        seed=samples.seed,
        num_batches=num_batches,
        batch_size=batch_size,
        progress=samples.progress,
    )


_JACOBIAN_ROWS = {
    "log_condition_number": Row("Log condition number", "lower"),
    "log_condition_number_std": Row("Log condition number, deviation"),
}


@metric("jacobian", needs=["generator"], rows=_JACOBIAN_ROWS)
def _jacobian(samples, num_images: int = 64):
    latents = samples.generator.latents[:num_images]
    found = jacobian.jacobian_conditioning(
        jacobian.generator_jacobian(samples.generator.generate, latents, samples.progress)
    )
    return dict(zip(_JACOBIAN_ROWS, (found.mean, found.std), strict=True))


@metric("fractal_dimension", needs=["fake_images"])
def _fractal_dimension(samples, num_seeds: int = 100, num_radii: int = 1000):
    points = samples.fake.images.reshape(samples.fake.count, -1)
    return fractal_dimension.fractal_dimension(points, seed=samples.seed, num_seeds=num_seeds, num_radii=num_radii)


_DISCRIMINATOR_ROWS = {
    f"discriminator_accuracy_{part}": Row(f"Discriminator accuracy, {part}")
    for part in ("train", "test", "fake", "gap")
}


@metric(
    "discriminator_accuracy",
    needs=["discriminator", "train_images", "real_images", "fake_images"],
    rows=_DISCRIMINATOR_ROWS,
)
def _discriminator_accuracy(samples):
    logits = [
        samples.discriminator(images.images, images.labels) for images in (samples.train, samples.real, samples.fake)
    ]
    found = discriminator_accuracy.discriminator_accuracy(*logits)
    return dict(zip(_DISCRIMINATOR_ROWS, (found.train, found.test, found.fake, found.gap), strict=True))


@functools.cache
def _brisque_model(model, ranges):
    if model == "package":
        if ranges is not None:
            raise ConfigError(f"brisque.ranges: the model of the package has its own, got {ranges!r}")
        return brisque_model.of_installed_package()
    if model is None or ranges is None:
        raise ConfigError(
            "brisque.model, brisque.ranges: there is no score without a model; bind the paths of a LIBSVM model file"
            " and of its range file (the authors' allmodel and allrange), or brisque.model = 'package' for that of the"
            f" installed package brisque; got {model!r} and {ranges!r}"
        )
    return brisque_model.read(model, ranges)


_BRISQUE_ROWS = {"brisque": Row("BRISQUE", "lower"), "brisque_std": Row("BRISQUE, deviation over images")}


@metric(
    "brisque",
    needs=["fake_images"],
    rows=_BRISQUE_ROWS,
    describe=lambda model, ranges: {"model": _brisque_model(model, ranges).name},
)
def _brisque(samples, model: str | None = None, ranges: str | None = None):
    found = brisque(samples.fake.images, _brisque_model(model, ranges), samples.progress)
    return {"brisque": Estimate(found.mean, found.per_image), "brisque_std": found.std}
