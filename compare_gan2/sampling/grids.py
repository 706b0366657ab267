"""Pictures of many samples: rows of classes, one style in all classes, the same images under several truncations."""

import numpy as np

from compare_gan2.ground.errors import ConfigError
from compare_gan2.reporting.pictures import captioned_grid, class_grid, sample_grid
from compare_gan2.runs.class_numbers import class_numbers
from compare_gan2.runs.draws import check_whole

COLUMNS = 10
MOST_ROWS = 20  # classes that are shown unless they are chosen


def shown_classes(model, classes=None):
    """Class numbers of the rows of a picture, `[None]` for unconditional models.

    Args:
        model: `Model`.
        classes: numbers or names; None for the first `MOST_ROWS`.

    Raises:
        ConfigError: for a class that does not exist, or one given twice.
    """
    if model.num_classes is None:
        class_numbers(classes, 0, None, what="classes")
        return [None]
    if classes is None:
        return list(range(min(model.num_classes, MOST_ROWS)))
    numbers = class_numbers(classes, len(classes), model.num_classes, model.class_names, "classes").tolist()
    if not numbers or min(numbers) < 0 or len(set(numbers)) < len(numbers):
        raise ConfigError(f"classes: expected one or more different classes, got {', '.join(map(str, classes))}")
    return numbers


def indices_of_class(model, number, count):
    """The images of a seed that belong to a class when labels take turns: number, number + num_classes, ..."""
    return [number + place * model.num_classes for place in range(count)]


def turns(model, numbers, count):
    """(labels, indices) of `count` images of the classes by turns: image j of a class is the one in column j of a grid.

    Args:
        model: `Model`.
        numbers: of `shown_classes`.
        count: number of images.
    """
    if numbers == [None]:
        return None, None
    labels = [numbers[place % len(numbers)] for place in range(count)]
    return labels, [labels[place] + place // len(numbers) * model.num_classes for place in range(count)]


def class_rows(model, classes=None, columns=COLUMNS, seed=0, title="", **draw):
    """uint8 picture [height, width, 3]: a row of different samples for each class, or a square without classes.

    Column j of class c is image c + j * num_classes of the seed, which neither other classes nor more columns change.

    Args:
        model: `Model`.
        classes: see `shown_classes`.
        columns: samples per class; a model without classes shows `columns` squared.
        seed: whole number; or a list, one seed per column, whose first image is shown in every class.
        title: line above.
        **draw: `truncation`, `truncation_by` as of `Model.sample`.

    Raises:
        ConfigError: as `Model.sample`.
    """
    check_whole("columns", columns, 1)
    numbers = shown_classes(model, classes)
    seeds = None if np.ndim(seed) == 0 else list(seed)
    if numbers == [None]:
        count = columns**2 if seeds is None else len(seeds)
        return sample_grid(model.sample(count, seed=seed, dtype="float32", **draw), title)
    if seeds is not None:
        rows = [model.sample(len(seeds), number, seeds, dtype="float32", **draw) for number in numbers]
        return captioned_grid(rows, _names(model, numbers), [f"seed {number}" for number in seeds], title=title)
    indices = [index for number in numbers for index in indices_of_class(model, number, columns)]
    images = model.sample(len(indices), np.repeat(numbers, columns), seed, dtype="float32", indices=indices, **draw)
    return class_grid(list(images.reshape(len(numbers), columns, *images.shape[1:])), _names(model, numbers), title)


def style_rows(model, seed, classes=None, columns=COLUMNS, title="", **draw):
    """uint8 picture [height, width, 3]: a row for each class, the same latents in every row.

    Column j holds image j of the seed, so that a column has one style in all classes.

    Args:
        model, classes, columns, title, **draw: see `class_rows`.
        seed: whole number.

    Raises:
        ConfigError: if the model has no classes, or as `Model.sample`.
    """
    if model.num_classes is None:
        raise ConfigError("style_of: expected a model with classes, whose rows share latents; this one has none")
    check_whole("columns", columns, 1)
    numbers = shown_classes(model, classes)
    rows = [model.sample(columns, number, seed, dtype="float32", **draw) for number in numbers]
    return class_grid(rows, _names(model, numbers), title)


def truncation_rows(model, truncations, classes=None, columns=COLUMNS, seed=0, truncation_by=None, title=""):
    """uint8 picture [height, width, 3]: a row for each truncation, of the same images of a seed.

    Args:
        model, classes, seed, title: see `class_rows`; classes take turns over the columns, see `turns`.
        truncations: numbers above 0; None for latents without truncation.
        columns: images per row.
        truncation_by: see `draws.draw_latents`.

    Raises:
        ConfigError: as `Model.sample`.
    """
    check_whole("columns", columns, 1)
    numbers = shown_classes(model, classes)
    labels, indices = turns(model, numbers, columns)
    draw = {"seed": seed, "indices": indices, "truncation_by": truncation_by, "dtype": "float32"}
    rows = [model.sample(columns, labels, truncation=bound, **draw) for bound in truncations]
    names = None if labels is None else _names(model, labels)
    bounds = ["none" if bound is None else f"{bound:g}" for bound in truncations]
    return captioned_grid(rows, bounds, names, title=title)


def _names(model, numbers):
    return [model.name_of(number) for number in numbers]
