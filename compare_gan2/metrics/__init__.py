"""Scores of generated images: pure functions of features, logits, labels and images, in NumPy arrays.

    from compare_gan2 import metrics
    metrics.fid(real_features, fake_features)
    metrics.precision_recall(real_features, fake_features, neighbours=3).recall

Real features come first, fake ones second; everything but MS-SSIM is computed in float64. A function is imported when
it is first used. `networks.feature_networks` computes features and logits; `registry.metric` registers a metric of your
own.
"""

import importlib

_PLACES = {
    "brisque": "pixels.brisque",
    "classification_accuracy": "classification.classification_accuracy",
    "classifier_score": "classification.classifier_score",
    "classifier_score_of_splits": "classification.classifier_score",
    "conditional_accuracy": "classification.conditional_accuracy",
    "density_coverage": "precision_and_recall.density_coverage",
    "discriminator_accuracy": "model.discriminator_accuracy",
    "fid": "distances.fid",
    "fid_infinity": "distances.fid_infinity",
    "fractal_dimension": "pixels.fractal_dimension",
    "generator_jacobian": "model.jacobian",
    "intra_class_fid": "distances.intra_class_fid",
    "jacobian_conditioning": "model.jacobian",
    "kid": "distances.kid",
    "kid_of_subsets": "distances.kid",
    "memorisation": "precision_and_recall.memorisation",
    "ms_ssim": "pixels.ms_ssim",
    "neighbour_agreement": "classification.neighbour_agreement",
    "perceptual_path_length": "model.path_length",
    "prd": "precision_and_recall.prd",
    "precision_recall": "precision_and_recall.precision_recall",
    "rarity": "precision_and_recall.rarity",
}
__all__ = sorted(_PLACES)


def __getattr__(name):
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from compare_gan2.config.library_call import library_call

    function = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = public = library_call(checks=False)(function)
    return public


def __dir__():
    return sorted({*globals(), *_PLACES})
