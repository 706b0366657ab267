"""Metrics that read more than arrays of features: the generator, the discriminator, files of a model.

Each is a function of `Samples` and of its gin options; `table` registers them.
"""

from typing import Annotated, Literal

from compare_gan2.config.ranges import Count, CountOrZero, FileName, Positive, Range
from compare_gan2.metrics.metric_type import Estimate
from compare_gan2.metrics.model.discriminator_accuracy import discriminator_accuracy as accuracy_of_logits
from compare_gan2.metrics.model.gilbo import Bound
from compare_gan2.metrics.model.gilbo import gilbo as bound_of_generator
from compare_gan2.metrics.model.jacobian import generator_jacobian, jacobian_conditioning
from compare_gan2.metrics.model.path_length import path_distances, perceptual_path_length
from compare_gan2.metrics.pixels import brisque_model
from compare_gan2.metrics.pixels.brisque import brisque as brisque_of_images
from compare_gan2.metrics.pixels.brisque_features import FEATURES


def jacobian(samples, num_images: Annotated[int, Range(1, 64)] = 64):
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


def ppl(samples, num_paths: Count = 10_000, epsilon: Annotated[float, Range(1e-6, 0.1)] = 1e-4):
    """Perceptual path length in z: how much images change along a path of latents, with our features as perception.

    https://arxiv.org/abs/1812.04948 (Karras et al. 2019), section 4.1

    Args:
        samples: `Samples`.
        num_paths: paths that are drawn; 100,000 in the paper.
        epsilon: length of the part of a path that is measured, as a share of the path.
    """
    distances = path_distances(
        samples.generator,
        samples.network,
        num_paths=num_paths,
        epsilon=epsilon,
        seed=samples.seed,
        progress=samples.progress,
    )
    found = perceptual_path_length(distances)
    return {"ppl": Estimate(found.mean, found.kept)}


def gilbo(samples, num_steps: Count = 1_000, num_images: Count = 10_000, learning_rate: Positive = 4e-4):
    """GILBO: lower bound of the mutual information of latents and images, by an encoder trained on generated images.

    https://arxiv.org/abs/1802.04874 (Alemi and Fischer 2018)

    Args:
        samples: `Samples`.
        num_steps: updates of the encoder, with 64 generated images each; more give a tighter bound.
        num_images: generated images that the bound is the mean of, none of them seen in training.
        learning_rate: of Adam at the start; falls to 0 linearly.
    """
    found = bound_of_generator(
        samples.generator, Bound(num_steps, num_images, learning_rate), seed=samples.seed, progress=samples.progress
    )
    return {"gilbo": Estimate(found.mean, found.per_image)}


def discriminator_accuracy(samples):
    """How often the discriminator judges training, test and generated images correctly, and the gap train - test."""
    sets = (samples.train, samples.real, samples.fake)
    found = accuracy_of_logits(*(samples.discriminator(images.images, images.labels) for images in sets))
    return {f"discriminator_accuracy_{part}": getattr(found, part) for part in ("train", "test", "fake", "gap")}


def brisque(
    samples,
    model: FileName | None = None,
    ranges: FileName | None = None,
    features: Literal["package", "release"] | None = None,
    half_scale: Literal["bicubic", "antialiased_bicubic", "nearest"] | None = None,
    label: CountOrZero | None = None,
):
    """BRISQUE, a score of single images without a reference: mean, its standard error, and deviation over images.

    Lower is better. Mittal, Moorthy and Bovik, IEEE TIP 21(12), 2012.

    Args:
        samples: `Samples`.
        model: path of a LIBSVM model file; None or "package" for the model of the installed package `brisque`.
        ranges: path of the range file of the model; None for that of the package.
        features: as the package `brisque` computes them, or as the authors' release; None: "package" with the model of
            the package, "release" with a file.
        half_scale: how images are halved for the second scale: "bicubic" as OpenCV, "antialiased_bicubic" as MATLAB,
            "nearest" as the package `pybrisque`; None: "bicubic" with the features of the package,
            "antialiased_bicubic" with those of the release.
        label: class whose generated images are scored; None: all images.
    """
    images = samples.fake.images
    if label is not None:
        chosen = None if samples.fake.labels is None else samples.fake.labels == label
        if chosen is None or not chosen.any():
            has = "have no classes" if chosen is None else f"have the classes 0 to {samples.fake.labels.max()}"
            raise ValueError(f"brisque.label: expected a class of generated images, got {label}; the images {has}")
        images = images[chosen]
    found = brisque_of_images(images, brisque_model.of_options(model, ranges), features, half_scale, samples.progress)
    return {
        "brisque": Estimate(found.mean, found.per_image),
        "brisque_standard_error": found.standard_error,
        "brisque_std": found.std,
    }


def brisque_settings(model, ranges, features, half_scale, label):
    """What the protocol says in place of the parameters of `brisque`: what None stands for, and checksums.

    Raises:
        ConfigError: as `brisque_model.of_options`.
    """
    machine = brisque_model.of_options(model, ranges)
    features = features or machine.features
    half_scale = half_scale or FEATURES[features].half_scale
    of_class = {} if label is None else {"label": label}
    return {"model": machine.name, "features": features, "half_scale": half_scale, **of_class}
