"""Why a score says little, for the column `caution`: rules about numbers of images, one function per kind of metric.

Each returns a list of texts, or {row: such a list}; an empty list means that nothing is known against the value.
"""

import numpy as np

from compare_gan2.ground.image_size import in_pixels

FEW_PER_CLASS = 10
FEW_BLOCKS = 5
SMALL_PHOTOGRAPH = 128


def of_gaussians(samples, values, **_):
    """Fewer images than features: a fitted covariance is singular, and the distance is too large."""
    width = samples.real.features.shape[1]
    return [
        f"{images.count} {kind} images are too few for the covariance of {width} features"
        for kind, images in (("real", samples.real), ("generated", samples.fake))
        if images.count <= width
    ]


def of_extrapolation(samples, values, **_):
    """As `of_gaussians`, and a line that ends below 0."""
    below = ["below 0: the sets are too close, or the images too few, to extrapolate"] * (values["fid_infinity"] < 0)
    return of_gaussians(samples, values) + below


def of_gaussians_per_class(samples, values, **_):
    """As `of_gaussians`, for the smallest class."""
    width = samples.real.features.shape[1]
    found = []
    for kind, images in (("real", samples.real), ("generated", samples.fake)):
        label, count = _smallest_class(images.labels)
        if count <= width:
            found.append(f"few per class: {count} {kind} images of class {label} for {width} features")
    return found


def of_classes(samples, values, **_):
    """Few images of a class."""
    found = []
    for kind, images in (("real", samples.real), ("generated", samples.fake)):
        if images is not None and images.labels is not None:
            label, count = _smallest_class(images.labels)
            if count < FEW_PER_CLASS:
                found.append(f"few per class: {count} {kind} image{'s' * (count > 1)} of class {label}")
    return found


def of_generated_classes(samples, values, **_):
    """Few generated images of a class."""
    label, count = _smallest_class(samples.fake.labels)
    return [f"few per class: {count} generated image{'s' * (count > 1)} of class {label}"] * (count < FEW_PER_CLASS)


def of_logits(samples, values, num_splits=1, **_):
    """Fewer images in a part than twice the classes: the score is too low."""
    count, classes = samples.fake.count // num_splits, samples.fake.logits.shape[1]
    part = "images" if num_splits == 1 else "images per part"
    return [f"{count} {part} are few for {classes} logits: the score is too low"] * (count < 2 * classes)


def of_blocks(samples, values, max_block_size, **_):
    """{row of `kid`: list}: the value within its error, and few blocks."""
    blocks = -(-max(samples.real.count, samples.fake.count) // max_block_size)
    value, error = values["kid"], values["kid_standard_error"]
    of_value = ["negative: the estimator is unbiased, so equal distributions give values on both sides of 0"] * (
        value < 0
    )
    if error is not None and 0 <= value < 2 * error:
        of_value.append("less than two standard errors from 0")
    if blocks == 1:
        size = max(2, min(samples.real.count, samples.fake.count) // 10)
        advice = f"; kid.max_block_size = {size} gives about 10" if size >= 10 else ""
        return {"kid": of_value, "kid_standard_error": [f"not defined for a single block{advice}"]}
    few = [f"the spread of {blocks} blocks"] * (blocks < FEW_BLOCKS)
    return {"kid": of_value, "kid_standard_error": few}


def of_subsets(samples, values, subset_size, **_):
    """Subsets that overlap: their deviation is too small."""
    smaller = min(samples.real.count, samples.fake.count)
    few = 2 * subset_size > smaller
    of_value = ["negative: the estimator is unbiased, so equal distributions give values on both sides of 0"]
    return {
        "kid_of_subsets": of_value * (values["kid_of_subsets"] < 0),
        "kid_of_subsets_std": [f"subsets of {subset_size} among {smaller} images overlap: the deviation is too small"]
        * few,
    }


def of_clusters(samples, values, num_clusters, **_):
    """Few images per cluster."""
    smaller = min(samples.real.count, samples.fake.count)
    return [f"{smaller} images are few for {num_clusters} clusters"] * (smaller < 10 * num_clusters)


def of_neighbours(samples, values, neighbours, **_):
    """The neighbour that a ball reaches to is near the number of images."""
    smaller = min(samples.real.count, samples.fake.count)
    return [f"neighbours = {neighbours} is near the {smaller} images: balls span the set"] * (10 * neighbours > smaller)


def of_batches(samples, values, batch_size, **_):
    """Batches that overlap."""
    count = samples.fake.count
    return [f"batches of {batch_size} among {count} images overlap"] * (count < 2 * batch_size)


def of_points(samples, values, num_seeds, **_):
    """Few points around the chosen ones."""
    count = samples.fake.count
    return [f"{count} images are few for {num_seeds} chosen points"] * (count < 2 * num_seeds)


def of_copies(samples, values, **_):
    """{row of `memorisation`: list}: held-out images count as copies as often as generated ones."""
    found = []
    if values["copied"] > 0 and values["copied"] <= values["copied_held_out"]:
        found = [f"held-out images, which are not copies, have {values['copied_held_out']:.3g}"]
    return {"copied": found}


def of_natural_statistics(samples, values, **_):
    """{row of `brisque`: list}: a score that the model was not trained to give, and images smaller than photographs."""
    height, width = samples.fake.images.shape[1:3]
    found = ["above 100: the images are unlike all that the model was trained on"] * (float(values["brisque"]) > 100)
    if min(height, width) < SMALL_PHOTOGRAPH:
        size = in_pixels(height, width)
        found.append(f"images of {size} are small for statistics of photographs: compare equal sizes only")
    one = ["not defined for a single image"] * (values["brisque_standard_error"] is None)
    return {"brisque": found, "brisque_standard_error": one}


def of_bound(samples, values, **_):
    """A bound below 0, which is known without any encoder."""
    return ["below 0: the encoder is not trained; a larger gilbo.num_steps tightens the bound"] * (
        float(values["gilbo"]) < 0
    )


def of_interval(value, low, high):
    """The interval is wider than the value."""
    return ["the interval is wider than the value"] * (low is not None and high - low > abs(value))


def _smallest_class(labels):
    """(class, its number of images) of the class with the fewest."""
    classes, counts = np.unique(labels, return_counts=True)
    return classes[counts.argmin()], int(counts.min())
