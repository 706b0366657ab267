"""The metrics that ship with the package, one entry each: its function, what goes in, its rows and its gin options.

Papers, conventions and defaults are in the functions: an option has the name and the default of the parameter. The
entries are in the order of tables and pictures.
"""

import numpy as np

from compare_gan2.metrics import bootstrap, cautions, of_samples, registry
from compare_gan2.metrics.array_metrics import entry, result_of
from compare_gan2.metrics.classification import neighbour_agreement as neighbourhoods
from compare_gan2.metrics.classification.classification_accuracy import classification_accuracy
from compare_gan2.metrics.classification.classifier_score import (
    check_num_splits,
    classifier_score,
    classifier_score_of_splits,
)
from compare_gan2.metrics.classification.conditional_accuracy import conditional_accuracy
from compare_gan2.metrics.classification.neighbour_agreement import neighbour_agreement
from compare_gan2.metrics.distances.fid import fid
from compare_gan2.metrics.distances.fid_infinity import fid_infinity, sizes_of
from compare_gan2.metrics.distances.intra_class_fid import intra_class_fid
from compare_gan2.metrics.distances.kid import check_subset_size, kid, kid_of_subsets, number_of_blocks
from compare_gan2.metrics.pixels.fractal_dimension import check_num_seeds, fractal_dimension
from compare_gan2.metrics.pixels.ms_ssim import check_batch_size, ms_ssim
from compare_gan2.metrics.precision_and_recall import density_coverage as balls
from compare_gan2.metrics.precision_and_recall import prd as clusters
from compare_gan2.metrics.precision_and_recall import precision_recall as manifolds
from compare_gan2.metrics.precision_and_recall import rarity as rare
from compare_gan2.metrics.precision_and_recall.density_coverage import density_coverage
from compare_gan2.metrics.precision_and_recall.memorisation import memorisation
from compare_gan2.metrics.precision_and_recall.prd import prd
from compare_gan2.metrics.precision_and_recall.prd_picture import plot_prd
from compare_gan2.metrics.precision_and_recall.precision_recall import precision_recall
from compare_gan2.metrics.precision_and_recall.rarity import rarity
from compare_gan2.metrics.registry import Row

_FEATURES = ("real_features", "fake_features")
_LABELLED_FEATURES = ("real_features", "real_labels", "fake_features", "fake_labels")


def _fid_resamples(samples, random):
    resampled = bootstrap.fid_resamples(samples.real.features, samples.fake.features, random)
    return {} if resampled is None else {"fid": resampled}


def _classifier_score_resamples(samples, random):
    return {"classifier_score": bootstrap.classifier_score_resamples(samples.fake.logits, random)}


def _hits_among(kind):
    def hits(samples, share):
        count = getattr(samples, kind).count
        return np.arange(count) < round(share * count)  # which of the images does not matter for the interval

    return hits


def _draw_prd(path, samples, **parameters):
    plot_prd(path, {"": result_of(prd, _FEATURES, samples, **parameters)})


entry(
    "fid",
    fid,
    _FEATURES,
    rows={"fid": Row("FID", "lower", lowest=0.0, elsewhere=("frechet_distance", "Fréchet distance"))},
    resample=_fid_resamples,
    caution=cautions.of_gaussians,
)
entry(
    "conditional_accuracy",
    conditional_accuracy,
    ("fake_logits", "fake_labels"),
    also_needs=["class_logits"],
    per_image=lambda samples, _: samples.fake.logits.argmax(axis=1) == samples.fake.labels,
    rows={"conditional_accuracy": Row("Conditional accuracy", "higher", 0.0, 1.0)},
    caution=cautions.of_generated_classes,
)
entry(
    "neighbour_agreement",
    neighbour_agreement,
    _LABELLED_FEATURES,
    options=("neighbours",),
    values=("fake", "real"),
    per_image=_hits_among("fake"),
    rows={
        "neighbour_agreement": Row("Neighbour agreement", "higher", 0.0, 1.0),
        "neighbour_agreement_real": Row("Neighbour agreement, of real images"),
    },
    caution=cautions.of_classes,
    check_counts=lambda real, fake, neighbours: neighbourhoods.check_neighbours(real, neighbours),
)
entry(
    "classifier_score",
    classifier_score,
    ("fake_logits",),
    rows={"classifier_score": Row("Classifier score", "higher", lowest=1.0)},
    resample=_classifier_score_resamples,
    caution=cautions.of_logits,
)
entry(
    "classifier_score_of_splits",
    classifier_score_of_splits,
    ("fake_logits",),
    options=("num_splits", "shuffle_seed", "images_in_order"),
    rows={
        "classifier_score_of_splits": Row("Classifier score of splits", "higher"),
        "classifier_score_of_splits_std": Row("Classifier score of splits, deviation"),
    },
    values=("mean", "std"),
    caution=cautions.of_logits,
    check_counts=lambda real, fake, num_splits, **_: check_num_splits(fake, num_splits),
)
entry(
    "fid_infinity",
    fid_infinity,
    _FEATURES,
    options=("num_sizes", "fewest"),
    values=("value",),
    rows={
        "fid_infinity": Row(
            "FID infinity", "lower", elsewhere=("frechet_distance_infinity", "Fréchet distance, infinity")
        )
    },
    caution=cautions.of_extrapolation,
    check_counts=lambda real, fake, **parameters: sizes_of(fake, **parameters),
)
entry(
    "kid",
    kid,
    _FEATURES,
    options=("max_block_size", "images_in_order"),
    rows={
        "kid": Row("KID", "lower", elsewhere=("kernel_distance", "Kernel distance")),
        "kid_standard_error": Row(
            "KID, standard error", elsewhere=("kernel_distance_standard_error", "Kernel distance, standard error")
        ),
    },
    values=("mean", "standard_error"),
    caution=cautions.of_blocks,
    check_counts=lambda real, fake, max_block_size, **_: number_of_blocks(real, fake, max_block_size),
)
entry(
    "kid_of_subsets",
    kid_of_subsets,
    _FEATURES,
    options=("num_subsets", "subset_size", "subset_seed", "images_in_order"),
    rows={
        "kid_of_subsets": Row(
            "KID of subsets", "lower", elsewhere=("kernel_distance_of_subsets", "Kernel distance of subsets")
        ),
        "kid_of_subsets_std": Row(
            "KID of subsets, deviation",
            elsewhere=("kernel_distance_of_subsets_std", "Kernel distance of subsets, deviation"),
        ),
    },
    values=("mean", "std"),
    caution=cautions.of_subsets,
    check_counts=lambda real, fake, subset_size, **_: check_subset_size(real, fake, subset_size),
)
entry(
    "prd",
    prd,
    _FEATURES,
    options=("num_clusters", "num_angles", "num_runs", "require_balance"),
    rows={"prd_f8": Row("PRD F8 (recall)", "higher"), "prd_f1_8": Row("PRD F1/8 (precision)", "higher")},
    values=("f8", "f1_8"),
    caution=cautions.of_clusters,
    check_counts=lambda real, fake, num_clusters, require_balance, **_: clusters.check_counts(
        real, fake, num_clusters, require_balance
    ),
    draw=_draw_prd,
)
entry(
    "precision_recall",
    precision_recall,
    _FEATURES,
    options=("neighbours",),
    rows={"precision": Row("Precision", "higher"), "recall": Row("Recall", "higher")},
    values=("precision", "recall"),
    caution=cautions.of_neighbours,
    check_counts=manifolds.check_neighbours,
)
entry(
    "density_coverage",
    density_coverage,
    _FEATURES,
    options=("neighbours",),
    rows={"density": Row("Density", "higher"), "coverage": Row("Coverage", "higher")},
    values=("density", "coverage"),
    caution=cautions.of_neighbours,
    check_counts=lambda real, fake, neighbours: balls.check_neighbours(real, neighbours),
)
entry(
    "rarity",
    rarity,
    _FEATURES,
    options=("neighbours",),
    values=("mean",),
    rows={"rarity": Row("Rarity")},
    caution=cautions.of_neighbours,
    check_counts=lambda real, fake, neighbours: rare.check_neighbours(real, neighbours),
)
entry(
    "memorisation",
    memorisation,
    ("training_features", *_FEATURES),
    rows={
        "copied": Row("Copied training images", "lower", 0.0, 1.0),
        "copied_held_out": Row("Copied, of held-out images"),
        "data_copying": Row("Data copying, z-value"),
    },
    values=("copied", "copied_held_out", "data_copying"),
    caution=cautions.of_copies,
)
entry(
    "intra_class_fid",
    intra_class_fid,
    _LABELLED_FEATURES,
    values=("mean",),
    rows={
        "intra_class_fid": Row(
            "Intra-class FID", "lower", elsewhere=("intra_class_frechet_distance", "Intra-class Fréchet distance")
        )
    },
    caution=cautions.of_gaussians_per_class,
)
entry(
    "classification_accuracy",
    classification_accuracy,
    _LABELLED_FEATURES,
    options=("regularisation", "max_iterations"),
    values=("accuracy",),
    per_image=_hits_among("real"),
    rows={"classification_accuracy": Row("Classification accuracy (CAS)", "higher", 0.0, 1.0)},
    caution=cautions.of_classes,
)
entry(
    "ms_ssim",
    ms_ssim,
    ("fake_images",),
    options=("num_batches", "batch_size"),
    title="MS-SSIM",
    better="lower",
    caution=cautions.of_batches,
    check_counts=lambda real, fake, batch_size, **_: check_batch_size(fake, batch_size),
)
registry.metric(
    "jacobian",
    needs=["generator"],
    rows={
        "log_condition_number": Row("Log condition number", "lower"),
        "log_condition_number_std": Row("Log condition number, deviation"),
    },
)(of_samples.jacobian)
registry.metric(
    "ppl",
    needs=["generator", "feature_network"],
    rows={"ppl": Row("Perceptual path length", "lower", lowest=0.0)},
)(of_samples.ppl)
registry.metric(
    "gilbo",
    needs=["generator"],
    rows={"gilbo": Row("GILBO (nats)")},
    caution=cautions.of_bound,
)(of_samples.gilbo)
entry(
    "fractal_dimension",
    fractal_dimension,
    ("fake_images",),
    options=("num_seeds", "num_radii"),
    caution=cautions.of_points,
    check_counts=lambda real, fake, num_seeds, **_: check_num_seeds(fake, num_seeds),
)
registry.metric(
    "discriminator_accuracy",
    needs=["discriminator", "train_images", "real_images", "fake_images"],
    rows={
        f"discriminator_accuracy_{part}": Row(f"Discriminator accuracy, {part}")
        for part in ("train", "test", "fake", "gap")
    },
)(of_samples.discriminator_accuracy)
registry.metric(
    "brisque",
    needs=["fake_images"],
    rows={
        "brisque": Row("BRISQUE", "lower"),
        "brisque_standard_error": Row("BRISQUE, standard error"),
        "brisque_std": Row("BRISQUE, deviation over images"),
    },
    describe=of_samples.brisque_settings,
    caution=cautions.of_natural_statistics,
)(of_samples.brisque)
