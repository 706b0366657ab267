"""A published module of the original (TF-Hub, TensorFlow 1) as a Keras generator and discriminator.

Its folder holds `variables/variables`, a TensorFlow 1 checkpoint of both networks, and may hold `model-with-accu.ckpt`,
in which the original's evaluation stored filled batch-norm accumulators. Modules lack the heads of SSGAN and S3GAN.
"""

import dataclasses
import json
import pathlib

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2

from compare_gan2 import architectures
from compare_gan2.config.configuration import parse
from compare_gan2.config.declare import gin_text, named
from compare_gan2.config.run_options import Options
from compare_gan2.datasets import DatasetOptions
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.gans.make_gan import network_options
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.ground.new_folder import making
from compare_gan2.layers.accumulators import accumulators
from compare_gan2.original.checkpoint import COUNTERS, require_match, shapes_in
from compare_gan2.original.module_settings import read_settings
from compare_gan2.run_folder.checkpoints import damage_of

VARIABLES = "variables/variables"
ACCUMULATED = "model-with-accu.ckpt"
AVERAGE = "/ExponentialMovingAverage"
ACCUMULATORS = "accu"  # scope of the accumulators below their batch norm
EMPTY = "empty accumulators"


@dataclasses.dataclass(frozen=True)
class Module:
    """A module's folder, opened.

    Attributes:
        source: folder or handle that it was opened by.
        variables: reader of its checkpoint.
        accumulated: reader of `model-with-accu.ckpt`, or None.
        z_dim: size of the latents in its signature; None without a signature.
    """

    source: str
    variables: object
    accumulated: object
    z_dim: int | None

    @property
    def averaged(self):
        """Whether it holds moving averages of the generator's weights."""
        return any(name.endswith(AVERAGE) for name in shapes_in(self.variables))


def open_module(source):
    """`Module` of a folder or a TF-Hub handle.

    Raises:
        ConfigError: if a handle cannot be fetched, or the folder holds no module.
    """
    folder = pathlib.Path(_fetched(source) if "://" in source else source)
    if not (folder / f"{VARIABLES}.index").exists():
        raise ConfigError(f"--from: expected the folder of a module, got {folder}, which has no {VARIABLES}.index")
    return Module(
        source,
        variables=_reader(folder / VARIABLES),
        accumulated=_reader(folder / ACCUMULATED) if (folder / f"{ACCUMULATED}.index").exists() else None,
        z_dim=_latents_of_signature(folder / "saved_model.pb"),
    )


def _reader(checkpoint):
    if damage := damage_of(checkpoint):
        raise ConfigError(f"--from: {checkpoint} cannot be read: {damage}")
    return tf.train.load_checkpoint(str(checkpoint))


def _fetched(handle):
    import tensorflow_hub  # slow to import, and a folder does without it

    try:
        return tensorflow_hub.resolve(handle)
    # What it raises depends on where it fails: name resolution, server, archive, disk.
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else "no reason given"
        raise ConfigError(
            f"--from: cannot fetch {handle}: {type(error).__name__}: {reason}. On a machine with network access run "
            f"python -c \"import tensorflow_hub; print(tensorflow_hub.resolve('{handle}'))\" and copy that folder"
        ) from error


def _latents_of_signature(path):
    """z_dim of the first signature that takes latents; None without one."""
    if not path.exists():
        return None
    try:
        saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    except DecodeError as error:
        raise ConfigError(f"--from: {path} cannot be read: {error}") from error
    for graph in saved.meta_graphs:
        for signature in graph.signature_def.values():
            sizes = [dim.size for dim in signature.inputs["z"].tensor_shape.dim] if "z" in signature.inputs else []
            if sizes and sizes[-1] > 0:  # -1 where it is unknown
                return sizes[-1]
    return None


def migrate(module, output, gin_files=(), gin_bindings=()):
    """Writes both networks of a `Module` and `module.json` to a folder, and prints what was read and assumed.

    Args:
        module: `Module`.
        output: folder to make.
        gin_files, gin_bindings: override what is read and assumed.

    Raises:
        ConfigError: if the folder is not empty, or variables do not fit; then nothing is written.
    """
    output = pathlib.Path(output)
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ConfigError(f"--output: {output} exists and is not an empty folder; choose another")
    config, settings, given = _settings(module, gin_files, gin_bindings)
    networks = architectures.ARCHITECTURES[settings.architecture]
    options = network_options(config, networks.Generator, image_shape=settings.image_shape)
    generator = architectures.built(networks.Generator, options, settings.z_dim, settings.num_classes)
    options = network_options(config, networks.Discriminator)
    discriminator = architectures.built(networks.Discriminator, options, settings.image_shape, settings.num_classes)
    _assign(module, generator, discriminator)
    record = _record(module, settings, given, _statistics(module, generator))
    _write(output, generator, discriminator, record)
    _report(output, record, projects=getattr(discriminator, "project_y", False))


def _settings(module, gin_files, gin_bindings):
    """(`Configuration` of the networks, `Settings`, {binding: value} that files and bindings give)."""
    config = parse(gin_files, gin_bindings)
    given = {}
    for binding in config.bound_names:
        name, _, parameter = binding.rpartition(".")
        (target,) = named(name)
        given[binding] = config.bound_value(target, parameter)
    architecture = config.bound_value(Options, "architecture")
    if architecture is not None:
        architectures.require_architecture(architecture)
    dataset = config.bound_value(DatasetOptions, "name")
    if dataset is not None and dataset not in DATASETS:
        raise ConfigError(f"dataset.name: expected one of {', '.join(DATASETS)}, got {dataset!r}")
    settings = read_settings(
        {name.removesuffix(AVERAGE): shape for name, shape in _shapes(module).items()},
        architecture,
        image_shape=DATASETS[dataset].image_shape if dataset else None,
        z_dim=config.bound_value(Options, "z_dim") or module.z_dim,
        bound=given,
    )
    found = settings.read | {name: value for name, (value, _) in settings.assumed.items()}
    bindings = [f"{name} = {value}" for name, value in found.items() if name not in given]
    config = parse(gin_files, [*bindings, *gin_bindings])
    return config, settings, {name: gin_text(value) for name, value in given.items()}


def _shapes(module):
    """{variable: shape} of what a network needs: of a variable with a moving average that alone, no counters."""
    shapes = shapes_in(module.variables)
    return {
        name: shape
        for name, shape in shapes.items()
        if not name.endswith("update_accus") and name not in COUNTERS and name + AVERAGE not in shapes
    }


def _assign(module, generator, discriminator):
    """Gives every variable its value from the module.

    Raises:
        ConfigError: listing each variable that is on one side only, or has another shape.
    """
    averaged = {variable.path for variable in generator.trainable_variables} if module.averaged else set()
    targets = {
        variable.path + AVERAGE * (variable.path in averaged): variable
        for variable in (*generator.variables, *discriminator.variables)
    }
    expected = {name: tuple(variable.shape) for name, variable in targets.items()}
    filled = {}
    if module.accumulated is not None:
        filled = {
            _name_in_session(module.accumulated, name): variable
            for name, variable in targets.items()
            if f"/{ACCUMULATORS}/" in name
        }
    try:
        require_match(module.source, expected, _shapes(module))
        shapes = shapes_in(module.accumulated) if filled else {}
        require_match(
            f"{module.source}/{ACCUMULATED}",
            expected={name: tuple(variable.shape) for name, variable in filled.items()},
            found={name: shapes[name] for name in filled if name in shapes},
        )
    except ValueError as error:
        raise ConfigError(f"--from: {error}") from error
    for name, variable in targets.items():
        variable.assign(module.variables.get_tensor(name))
    for name, variable in filled.items():
        variable.assign(module.accumulated.get_tensor(name))


def _name_in_session(reader, name):
    """Name of a module's variable in a checkpoint of a session, which may have put the module under a scope."""
    names = [other for other in shapes_in(reader) if other == name or other.endswith(f"/{name}")]
    return names[0] if len(names) == 1 else name


def _statistics(module, generator):
    """Where the statistics of batch norm come from, for `module.json`."""
    layers = accumulators(generator)
    if not layers:
        return "moving averages"
    if any(float(layer.accu_counter.numpy()) < 1 for layer in layers):
        return EMPTY
    return f"accumulators of {VARIABLES if module.accumulated is None else ACCUMULATED}"


def _record(module, settings, given, statistics):
    """What `module.json` holds."""
    return {
        "source": module.source,
        "architecture": settings.architecture,
        "resolution": settings.image_shape[0],
        "image_shape": settings.image_shape,
        "z_dim": settings.z_dim,
        "num_classes": settings.num_classes,
        "weights": "ema" if module.averaged else "raw",
        "batch_norm_statistics": statistics,
        "read": {name: value for name, value in settings.read.items() if name not in given},
        "assumed": {name: f"{value} ({reason})" for name, (value, reason) in settings.assumed.items()},
        "given": given,
    }


def _write(output, generator, discriminator, record):
    """Writes the folder completely or not at all."""
    with making(output) as partial:
        generator.save(partial / "generator.keras")
        discriminator.save(partial / "discriminator.keras")
        (partial / "module.json").write_text(json.dumps(record, indent=2) + "\n")


def _report(output, record, projects):
    facts = ("architecture", "image_shape", "z_dim", "num_classes", "weights", "batch_norm_statistics")
    for name in facts:
        log.info(f"{name}: {record[name]}")
    for kind in ("read", "assumed", "given"):
        for name, value in record[kind].items():
            log.info(f"{kind}: {name} = {value}")
    if record["num_classes"] and not projects:
        log.info("note: logits of the discriminator have no class term; heads of S3GAN are not in a module")
    if record["batch_norm_statistics"] == EMPTY:
        log.warning(
            "nothing has filled the accumulators of batch norm: images mean nothing until the generator has "
            "run on latents inside compare_gan2.layers.accumulators.accumulating(generator)"
        )
    log.info(
        f"{output}: load with `import compare_gan2` and "
        f"keras.saving.load_model('{output / 'generator.keras'}'), discriminator.keras likewise"
    )
