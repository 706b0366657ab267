"""`export.json` in the folder of an export: what a model needs beside its networks, and how the files were checked."""

import dataclasses
import functools
import pathlib

from compare_gan2.ground import store
from compare_gan2.ground.errors import ConfigError, DamagedFileError

NAME = "export.json"
_DISTRIBUTIONS = ("normal", "truncated_normal", "uniform")  # functions in datasets.latents
_WAY_OUT = "export the run again"


@dataclasses.dataclass(frozen=True)
class ExportRecord:
    """What an export records of the model that it was made from.

    Attributes:
        latents: `Latents` of scoring.
        class_names: one name per class, or None.
        distribution: probability of each class in scores; None: uniform.
        step: generator steps trained; None if unknown.
        weights: "ema", "raw" or "unknown".
        facts: further {name: value} that JSON can hold, for readers.
    """

    latents: object
    class_names: tuple | None
    distribution: tuple | None
    step: int | None
    weights: str
    facts: dict = dataclasses.field(default_factory=dict)


def write(folder, record):
    """Writes an `ExportRecord` to a folder."""
    value = {name: getattr(record, name) for name in ("class_names", "distribution", "step", "weights")}
    store.write_json(pathlib.Path(folder) / NAME, record.facts | value | {"latents": _as_json(record.latents)})


def read(folder):
    """`ExportRecord` in a folder; None if it has no such file.

    Raises:
        DamagedFileError: for another content.
        ConfigError: if the latents are drawn by a function that is not in this package.
    """
    path = pathlib.Path(folder) / NAME
    if not path.exists():
        return None
    value = store.read_json(path, _WAY_OUT)
    try:
        return ExportRecord(
            latents=_latents(path, value.pop("latents")),
            class_names=_tuple(value.pop("class_names"), str),
            distribution=_tuple(value.pop("distribution"), float),
            step=value.pop("step"),
            weights=str(value.pop("weights")),
            facts=value,
        )
    except ConfigError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedFileError(f"{path}: expected the record of an export, got {error!r}; {_WAY_OUT}") from error


def _as_json(latents):
    from compare_gan2.datasets import (
        latents as distributions,  # imports TensorFlow, which the name of the file needs not
    )

    function, arguments = latents.distribution_fn, {}
    if isinstance(function, functools.partial):
        function, arguments = function.func, function.keywords
    known = [name for name in _DISTRIBUTIONS if getattr(distributions, name) is function]
    return {
        "distribution": known[0] if known else None,
        "arguments": dict(arguments) if known else {},
        "described": latents.description,
        **{name: getattr(latents, name) for name in ("minval", "maxval", "stddev")},
    }


def _latents(path, value):
    if value["distribution"] is None:
        raise ConfigError(
            f"load: {path.parent} draws its latents by {value['described']}, which only its run knows: load that, or "
            "generator.keras by keras.saving.load_model"
        )
    if value["distribution"] not in _DISTRIBUTIONS:
        raise ValueError(f"distribution {value['distribution']!r}")
    from compare_gan2.datasets import latents as distributions

    function = getattr(distributions, value["distribution"])
    if value["arguments"]:
        function = functools.partial(function, **value["arguments"])
    return distributions.EvaluationLatents(function, *(value[name] for name in ("minval", "maxval", "stddev")))


def _tuple(values, kind):
    return None if values is None else tuple(kind(value) for value in values)
