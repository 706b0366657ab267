"""What `compare_gan2 sample` draws, from its options to calls of `compare_gan2.sampling`; returns lines to print."""

import contextlib
import pathlib

import numpy as np

from compare_gan2.command_line.sample_flags import ANIMATED
from compare_gan2.gans.ddls import DDLS
from compare_gan2.gans.drs import DRS
from compare_gan2.ground import files
from compare_gan2.ground.code_version import code_version
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.image_size import in_pixels
from compare_gan2.ground.progress import Progress
from compare_gan2.reporting.pictures import captioned_grid, save_png
from compare_gan2.runs.class_numbers import class_numbers
from compare_gan2.runs.draws import rows_of
from compare_gan2.runs.truncation_in_w import truncation_of
from compare_gan2.runs.weights_in_words import weights_in_words
from compare_gan2.sampling import grids, walks
from compare_gan2.sampling.animations import write_animation
from compare_gan2.sampling.sample_files import file_names, folder_names, write_folder, write_npz
from compare_gan2.sampling.user_picture import read_picture

_NUM, _FRAMES, _ANIMATED_FRAMES, _FRAMES_PER_SECOND, _ITERATIONS = 100, 8, 24, 12.0, 300
_QUIET_SECONDS = 5
_MOST_STOPS = 6  # of an interpolation that its title names
_HOW = {"resample": "by resampling", "clip": "by clipping", "w": "in w"}


def _grid(model, options, _):
    seed = options.seed or 0 if options.seeds is None else options.seeds
    columns = options.columns or grids.COLUMNS
    numbers, draw, title = grids.shown_classes(model, options.classes), _choice(options), _title(model, options)
    count = len(options.seeds or range(columns))
    with _sampling(model, count * (count if numbers == [None] and options.seeds is None else len(numbers))):
        picture = grids.class_rows(model, options.classes, columns, seed, title, **draw)
    return _save(picture, options, [*_left_out(model, options), *_acceptance(model, options)])


def _style(model, options, _):
    title, columns = _title(model, options, f"style of seed {options.style_of}"), options.columns or grids.COLUMNS
    draw = _truncation(options)
    with _sampling(model, columns * len(grids.shown_classes(model, options.classes))):
        picture = grids.style_rows(model, options.style_of, options.classes, columns, title, **draw)
    return _save(picture, options, _left_out(model, options))


def _sweep(model, options, _):
    how = truncation_of(model.generator, options.truncation_by)
    title = _title(model, options, f"truncation {_HOW[how]}", truncated=False)
    columns = options.columns or grids.COLUMNS
    bounds, seed = options.truncation, options.seed or 0
    with _sampling(model, columns * len(bounds)):
        picture = grids.truncation_rows(model, bounds, options.classes, columns, seed, how, title)
    return _save(picture, options)


def _walk(model, options, _):
    frames = options.frames or (_FRAMES if options.format == "picture" else _ANIMATED_FRAMES)
    seeds = options.seeds or ([0, 1] if options.interpolate == "latents" else [0])
    options.seeds, options.frames = seeds, frames  # for the record
    draw = {"frames": frames, **_truncation(options)}
    if options.interpolate == "latents":
        rows = len(grids.shown_classes(model, options.classes))
        with _sampling(model, rows * frames * (len(seeds) - 1)):
            found, names = walks.between_seeds(model, seeds, options.classes, **draw)
        way, labels = f"seed {_way(seeds)}", ", ".join(names) or "none"
    else:
        with _sampling(model, len(seeds) * frames * (len(options.classes) - 1)):
            found, names = walks.between_classes(model, options.classes, seeds, **draw)
        numbers = class_numbers(options.classes, len(options.classes), model.num_classes, model.class_names)
        way = f"class {_way([model.name_of(number) for number in numbers])}"
        labels = f"from {way}"
    if options.format == "picture":
        return _save(walks.strip(found, names, _title(model, options, f"from {way}")), options)
    movie = walks.movie(found, back=options.format in ANIMATED)
    path = _places(options)[0]
    if options.format in ANIMATED:
        write_animation(path, movie, options.format, options.frames_per_second or _FRAMES_PER_SECOND)
    else:
        rows = rows_of(len(movie), 0)
        write_folder(path, [(movie, None)], file_names(rows), _record(model, options, labels))
    back = ", there and back" if options.format in ANIMATED else ""
    return [f"{len(movie)} frames of {in_pixels(*movie.shape[1:3])}{back}"]


def _files(model, options, _):
    seeds, classes = options.seeds, options.classes
    labels, indices = None, None
    numbers = None if classes is None else grids.shown_classes(model, classes)
    if seeds is not None:
        count, seed = len(seeds) * len(numbers or [None]), np.repeat(seeds, len(numbers or [None])).tolist()
        labels = None if numbers is None else numbers * len(seeds)
    else:
        count, seed = options.num or _NUM, options.seed or 0
        if numbers is not None:
            labels, indices = grids.turns(model, numbers, count)
    draw = {"seed": seed, "indices": indices, **_choice(options)}
    size = {} if options.batch_size is None else {"batch_size": options.batch_size}
    if model.num_classes is None:
        how = "none"
    else:
        how = "classes drawn as for scores" if classes is None else f"classes {', '.join(classes)} by turns"
    path, record = _places(options)[0], _record(model, options, how)
    with Progress(count, 0, "sampling", 1, unit="images") as progress:
        labels = model.label_numbers(labels, count, seed, indices)  # of millions: a minute
        batches = model.batches(count, labels, **draw, **size)
        if options.format == "npz":
            write_npz(path, batches, count, model.image_shape, record, model.class_names, progress.update)
        else:
            folders = None if labels is None else folder_names(model.num_classes, model.class_names)
            rows = rows_of(count, seed, indices).tolist()
            names = file_names(rows, labels, folders, flat=bool(options.flat), by_seed=seeds is not None)
            write_folder(path, batches, names, record, progress.update)
    line = ", ".join(filter(None, [f"{count} images", how if labels is not None else "", weights_in_words(model)]))
    return [line, *_acceptance(model, options)]


def _neighbours(model, options, training):
    from compare_gan2.sampling import neighbours

    count, seed = options.num or _NUM, options.seed or 0
    labels, indices = None, None
    if options.classes is not None:
        labels, indices = grids.turns(model, grids.shown_classes(model, options.classes), count)
    labels = model.label_numbers(labels, count, seed, indices)
    with _sampling(model, count):
        images = model.sample(count, labels, seed, dtype="float32", indices=indices, **_choice(options))
    found = neighbours.nearest_training_images(
        training.features_of(images), training.features, options.neighbours, training.held_out
    )
    shown = neighbours.shown_rows(found)
    of_training = training.images(found.indices[shown].ravel())
    images_of_seed = range(count) if indices is None else indices
    kind = list(map(str, images_of_seed))
    if labels is not None:
        kind = [f"{index}: {model.name_of(label)}" for index, label in zip(images_of_seed, labels, strict=True)]
    title = _title(model, options, "nearest training images")
    neighbours.write_table(_places(options)[1], found, kind)
    picture = neighbours.neighbour_picture(images, found, of_training, kind, title)
    searched = f"{len(training.features)} training images, features of {training.network.name}"
    lines = [found.in_words(), *_acceptance(model, options), searched]
    return _save(picture, options, lines)


def _project(model, options, image):
    from compare_gan2.sampling.projection import project

    iterations = options.iterations or _ITERATIONS
    with Progress(iterations, 0, "projection", None, unit="steps") as progress:
        found = project(
            model,
            image,
            options.classes,
            iterations=iterations,
            seed=options.seed or 0,
            on_iteration=lambda step, error: progress.update(step, {"error": error}),
        )
    with files.replacing(_places(options)[1]) as file:
        label = {} if found.label is None else {"label": found.label}
        np.savez(file, latents=found.latents, error=found.error, **label)
    rows = np.stack([image / np.float32(255), found.start, found.image])
    captions = [["", f"error {found.start_error:.3f}", f"error {found.error:.3f}"]]
    columns = ["given", "nearest drawn", "nearest found"]
    kind = "" if found.label is None else f"class {model.name_of(found.label)}"
    picture = captioned_grid([rows], [kind], columns, captions, _title(model, options, "projection"))
    of_class = f", {kind}" if kind else ""
    line = f"root mean squared error {found.error:.4f} of [0, 1]{of_class}; {found.start_error:.4f} before the search"
    return _save(picture, options, [line])


def given_images(model, options):
    """The images that a model, which need not be complete, is compared with: `TrainingImages`, a picture, or None.

    Raises:
        ConfigError, DataError: for images or a feature network that are missing or do not fit.
    """
    if options.ddls is not None or options.drs is not None:
        model.require_choice(**_choice(options))
    if options.kind == "project":
        return read_picture(options.project, model.image_shape, fit=bool(options.resize))
    if options.kind != "neighbours":
        return None
    from compare_gan2.runs.training_images import training_images

    names = ("network", "network_path", "num_real", "tfds_data_dir", "trust", "allow_imports")
    given = {name: getattr(options, name) for name in names}
    return training_images(model, more_than=options.neighbours, bindings=options.gin_bindings, **given)


KINDS = {
    "grid": _grid,
    "style": _style,
    "sweep": _sweep,
    "walk": _walk,
    "files": _files,
    "neighbours": _neighbours,
    "project": _project,
}


@contextlib.contextmanager
def _sampling(model, count):
    """Context manager: shows the progress of so many images."""
    done = 0

    def advance(images):
        nonlocal done
        done += images
        progress.update(done)

    with Progress(count, 0, "sampling", 1, unit="images", quiet_seconds=_QUIET_SECONDS) as progress:
        model.on_images = advance
        try:
            yield
        finally:
            model.on_images = None


def _save(picture, options, lines=()):
    save_png(_places(options)[0], picture)
    return [*lines, f"picture of {in_pixels(*picture.shape[:2])}"]


def _places(options):
    """The paths to write, in a folder that exists."""
    folder = options.outputs[0].parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--output: the folder {folder} cannot be made: {error.strerror}") from error
    return options.outputs


def _truncation(options):
    if options.truncation is None:
        return {}
    return {"truncation": options.truncation[0], "truncation_by": options.truncation_by}


def _choice(options):
    """Arguments of `Model.sample` for the truncation and for how the discriminator chooses latents."""
    given = {}
    if options.ddls is not None:
        values = {"rate": options.ddls_rate, "noise": options.ddls_noise}
        given["ddls"] = DDLS(options.ddls, **{name: value for name, value in values.items() if value is not None})
    if options.drs is not None:
        burn_in = {} if options.drs_burn_in is None else {"burn_in": options.drs_burn_in}
        given["drs"] = DRS(options.drs, **burn_in)
    return _truncation(options) | given


def _way(stops):
    """The stops of a way in words, of many the first ones and the last."""
    shown = list(map(str, stops))
    return " to ".join(shown if len(shown) <= _MOST_STOPS else [*shown[: _MOST_STOPS - 2], "...", shown[-1]])


def _acceptance(model, options):
    return [] if options.drs is None else [f"DRS: {model.acceptance.in_words()}"]


def _title(model, options, what="", truncated=True):
    name = pathlib.Path(options.model_dir).resolve().name
    chosen = "" if options.ddls is None else f"DDLS, {options.ddls} steps"
    chosen = chosen if options.drs is None else f"DRS, percentile {options.drs:g}"
    step = "" if model.step is None else f"step {model.step}"
    parts = [name, what, step, chosen, weights_in_words(model)]
    if truncated and options.truncation not in (None, [None]):
        how = truncation_of(model.generator, options.truncation_by)
        parts.append(f"truncation {options.truncation[0]:g} ({_HOW[how]})")
    return ", ".join(filter(None, parts))


def _left_out(model, options):
    if options.classes is not None or (model.num_classes or 0) <= grids.MOST_ROWS:
        return []
    return [f"the first {grids.MOST_ROWS} of {model.num_classes} classes; --classes=NAMES chooses others"]


def _record(model, options, labels):
    """{name: value} that says how the samples were drawn."""
    names = ("seeds", "truncation", "truncation_by", "interpolate", "frames")
    names += ("ddls", "ddls_rate", "ddls_noise", "drs", "drs_burn_in")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if "seeds" not in given:
        given["seed"] = options.seed or 0
    of_model = {"model": options.model_dir, "step": model.step, "weights": model.weights, "version": code_version()}
    return {**of_model, "labels": labels, **given}
