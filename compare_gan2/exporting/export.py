"""`compare_gan2.export`: the files of a trained model for others, whole, checked, or not at all."""

import os
import pathlib
from collections.abc import Sequence

import numpy as np

from compare_gan2.config.library_call import library_call
from compare_gan2.distribution.reproducible import reproducible
from compare_gan2.exporting import keras_networks, model_card, onnx_networks, probe, saved_model
from compare_gan2.exporting.baked_networks import baked_networks
from compare_gan2.exporting.format_names import DEFAULT
from compare_gan2.exporting.model_facts import facts_of
from compare_gan2.exporting.request_checks import check_folder, check_formats
from compare_gan2.ground import stop_request
from compare_gan2.ground.checksums import checksum_of_file
from compare_gan2.ground.messages import log, shown
from compare_gan2.ground.new_folder import making
from compare_gan2.runs import export_record
from compare_gan2.runs.load import load
from compare_gan2.runs.trained_model import Model
from compare_gan2.runs.weights_in_words import weights_in_words


@library_call(model_dir="model", output="folder", format="formats")
def export(
    model: Model | str | os.PathLike,
    folder: str | os.PathLike,
    formats: Sequence[str] = DEFAULT,
    *,
    force: bool = False,
    name: str | None = None,
    license: str | None = None,
    verbose: bool = False,
) -> pathlib.Path:
    """Path of the folder, after a model is written to it in each format.

    Every file holds the weights that the model samples with (averaged ones if the run kept an average) and its standing
    statistics; spectral norm is folded into the kernels. What each file computes is compared with the model before the
    folder appears: to 1e-5, ONNX to 1e-4, networks in bfloat16 to 5e-2. An `export.json` records all this.

    Args:
        model: `Model`, or what `compare_gan2.load` takes.
        folder: to make.
        formats: names among "keras", "saved_model", "onnx" (needs `pip install 'compare_gan2[onnx]'`) and "model_card".
        force: replace an earlier export in the folder.
        name: of the model in the card; None for that of the folder.
        license: of the weights, for the card, such as "apache-2.0"; None states that none is given.
        verbose: print a line about each format.

    Raises:
        ConfigError: for a folder that is not free, an unknown format, or what `load` refuses.
        MissingPackageError: if a format needs packages that are not installed.
        ExportFailed: if a file gives other results than the model; nothing is written.

    Example:
        >>> compare_gan2.export("runs/s3gan", "exports/s3gan", ["keras", "saved_model"])
        >>> images = compare_gan2.load("exports/s3gan").sample(16, labels="7")
    """
    folder = pathlib.Path(folder)
    check_formats(formats)
    check_folder(folder, force)
    with shown(verbose), reproducible(0):
        model = model if isinstance(model, Model) else load(model)
        networks = baked_networks(model)
        if "onnx" in formats:
            onnx_networks.require_float32(networks)
        facts = facts_of(model, name or folder.absolute().name, license)
        with making(folder) as partial:
            checks = _written(partial, model, networks, formats)
            _write_record(partial, model, networks, facts, checks)
            if "model_card" in formats:
                model_card.write(partial, model, facts, formats)
        _report(folder, model, networks, facts, checks)
    return folder


def _written(folder, model, networks, formats):
    """{format: {signature: difference from the model}} of the formats that compute, after they are written."""
    writers = {
        "keras": (lambda: keras_networks.write(folder, model, networks), keras_networks.outputs, None),
        "saved_model": (lambda: saved_model.write(folder, model, networks), saved_model.outputs, None),
        "onnx": (lambda: onnx_networks.write(folder, model, networks), onnx_networks.outputs, probe.ONNX),
    }
    expected = probe.probe_of(model, networks)
    checks = {}
    for format, (write, outputs, tolerance) in writers.items():
        if format in formats:
            if stop_request.requested() is not None:
                raise stop_request.stopped()
            write()
            checks[format] = expected.differences(format, outputs(folder, expected), tolerance)
    return checks


def _write_record(folder, model, networks, facts, checks):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    record = export_record.ExportRecord(
        latents=model.latents,
        class_names=model.class_names,
        distribution=None if model.distribution is None else tuple(map(float, model.distribution)),
        step=model.step,
        weights=model.weights,
        facts={
            **facts.as_json(),
            "image_shape": model.image_shape,
            "z_dim": model.z_dim,
            "num_classes": model.num_classes,
            "left_out": networks.left_out,
            "largest_differences": checks,
            "sha256": {path.relative_to(folder).as_posix(): checksum_of_file(path) for path in files},
        },
    )
    export_record.write(folder, record)


def _report(folder, model, networks, facts, checks):
    weights = weights_in_words(model) or "weights as loaded"
    step = "" if model.step is None else f"step {model.step}, "
    log.info(f"{folder}: {step}{weights}, {facts.parameters:,} trained parameters in the generator")
    for format, differences in checks.items():
        names = ", ".join(name for name in differences if "," not in name)
        log.info(f"{format}: {names}; at most {np.max(list(differences.values())):.2g} from the model's own results")
    if (reason := networks.left_out.get("discriminate")) is not None:
        log.warning(f"discriminate is left out: {reason}")
    if "keras" in checks:
        log.info(f"load it with compare_gan2.load({str(folder)!r})")
