"""Images on the way from one image to the next: between latents of several seeds, or between classes."""

import numpy as np

from compare_gan2.ground.errors import ConfigError
from compare_gan2.reporting.pictures import class_grid, enlarge, image_grid
from compare_gan2.runs.class_numbers import class_numbers
from compare_gan2.runs.draws import check_whole
from compare_gan2.sampling.grids import shown_classes


def between_seeds(model, seeds, classes=None, frames=8, **draw):
    """(frames float32 [rows, T, H, W, C] in [0, 1], name of each row): from seed to seed, a row for each class.

    T is (len(seeds) - 1) * (frames - 1) + 1: the images of the seeds and those between them, by `Model.interpolate`.

    Args:
        model: `Model`.
        seeds: two or more whole numbers.
        classes: see `grids.shown_classes`.
        frames: images from one seed to the next, both included.
        **draw: `truncation`, `truncation_by` as of `Model.sample`.

    Raises:
        ConfigError: for fewer than two seeds, or as `Model.interpolate`.
    """
    _require_two("seeds", seeds)
    check_whole("frames", frames, 2)
    numbers = shown_classes(model, classes)
    rows = [
        _joined(
            model.interpolate(frames, number, first, last, dtype="float32", **draw)
            for first, last in zip(seeds, seeds[1:], strict=False)
        )
        for number in numbers
    ]
    return np.stack(rows), ["" if number is None else model.name_of(number) for number in numbers]


def between_classes(model, classes, seeds=(0,), frames=8, **draw):
    """(frames float32 [rows, T, H, W, C] in [0, 1], name of each row): from class to class, a row for each seed.

    Args:
        model: `Model`.
        classes: two or more numbers or names.
        seeds: whole numbers, whose first latents the rows keep.
        frames, **draw: see `between_seeds`.

    Raises:
        ConfigError: for fewer than two classes, a model without classes, or as `Model.interpolate`.
    """
    if model.num_classes is None:
        raise ConfigError("interpolate: expected a model with classes to move between, this one has none")
    _require_two("classes", classes)
    check_whole("frames", frames, 2)
    numbers = class_numbers(classes, len(classes), model.num_classes, model.class_names, "classes").tolist()
    rows = [
        _joined(
            model.interpolate(frames, pair, seed, dtype="float32", **draw)
            for pair in zip(numbers, numbers[1:], strict=False)
        )
        for seed in seeds
    ]
    return np.stack(rows), [f"seed {seed}" for seed in seeds]


def strip(frames, names, title=""):
    """uint8 picture [height, width, 3] of `between_seeds` or `between_classes`: time from left to right."""
    return class_grid(list(frames), names, title)


def movie(frames, *, back=True):
    """uint8 [T', height, width, C] of the same: all rows side by side; there and `back`, to be repeated, or there."""
    columns = int(np.ceil(np.sqrt(len(frames))))
    pictures = [enlarge(image_grid(images, columns), frames.shape[2] // 2) for images in np.moveaxis(frames, 1, 0)]
    return np.stack(pictures + pictures[-2:0:-1] if back else pictures)


def _joined(parts):
    """The parts in one array, without the first image of all but the first, which ends the part before."""
    parts = list(parts)
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def _require_two(what, given):
    if len(given) < 2:
        raise ConfigError(f"{what}: expected two or more to move between, got {', '.join(map(str, given)) or 'none'}")
