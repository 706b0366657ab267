"""`compare_gan2.load`: a trained model from a run's folder, an export or a migrated module."""

import os
import pathlib
from typing import Literal

from compare_gan2.config.binding_lines import as_lines
from compare_gan2.config.library_call import library_call
from compare_gan2.config.ranges import CountOrZero
from compare_gan2.datasets.latents import EvaluationLatents, normal
from compare_gan2.distribution.reproducible import reproducible
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs import export_record, model_request
from compare_gan2.runs.load_run import RunSampler, open_sampler
from compare_gan2.runs.model_place import has_saved_networks
from compare_gan2.runs.ready_sampler import fill_statistics
from compare_gan2.runs.saved_networks import SavedNetworks
from compare_gan2.runs.trained_model import Model


@library_call(model_dir="path", gin_bindings="bindings")
def load(
    path: str | os.PathLike,
    step: CountOrZero | Literal["best"] | None = None,
    bindings: dict | list | tuple | str | None = None,
    *,
    allow_imports: bool = False,
    weights: Literal["ema", "raw"] | None = None,
) -> Model:
    """`Model` of a run's checkpoint, with averaged weights if the run kept them and standing statistics.

    Args:
        path: folder of a run; or one that `compare_gan2 export` or `migrate hub` wrote, or the `generator.keras` in it.
            Latents of a migrated module are normal with deviation 1.
        step: of the run's checkpoint; None for the newest, "best" for the one that `run_config.best_metric` chose.
        bindings: {"selector.parameter": value} or gin lines that override the run's configuration, such as
            `{"standing_statistics.num_samples": 1024}`.
        allow_imports: whether the run's configuration may import modules, which run with all your rights. Without it,
            those are imported that this process or a binding such as "import my_module" imports.
        weights: "ema" for averaged weights, "raw" for those of the last update, which need a run; None for averaged
            ones if the run kept them.

    Raises:
        ConfigError: if there is neither a run nor a network, or not this checkpoint, or a module may not be imported.
        CheckpointError: if the checkpoint does not hold what the configuration needs.
        DamagedFileError: if a file cannot be read.

    Example:
        >>> model = compare_gan2.load("runs/s3gan", step="best")
        >>> images = model.sample(16, labels="7", truncation=0.7)
    """
    return complete(opened(path, step, as_lines(bindings), allow_imports, weights))


def opened(path, step=None, bindings=(), allow_imports=False, weights=None):
    """As `load`, save that a run's model has yet to be made `complete`: what else is asked can be checked before."""
    path = pathlib.Path(path)
    model_request.check(path, step, bindings)
    with reproducible(0):
        if has_saved_networks(path):
            model = _saved(path)
            if weights not in (None, model.weights):
                raise ConfigError(f"--weights: expected {model.weights!r}, which {path} holds, got {weights!r}")
            return model
        sampler = open_sampler(path, step, bindings, allow_imports, weights)
    reached = int(sampler.checkpoint.name.rpartition("-")[2])
    return Model(sampler, sampler.latents, sampler.dataset.class_names, sampler.distribution, reached)


def complete(model):
    """The same `Model`, after statistics of batch norm were accumulated that inference needs."""
    if isinstance(model.sampler, RunSampler):
        with reproducible(0):
            fill_statistics(model.sampler, model.sampler.standing_samples)
    return model


def _saved(path):
    """`Model` of saved networks; what an export records of its run is known, of others nothing is."""
    record = export_record.read(path if path.is_dir() else path.parent)
    networks = SavedNetworks(path)
    if record is None:
        return Model(networks, EvaluationLatents(distribution_fn=normal))
    return Model(networks, record.latents, record.class_names, record.distribution, record.step)
