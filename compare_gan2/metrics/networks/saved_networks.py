"""Networks on disk: SavedModels, `.keras` files and frozen graphs, as functions of images."""

import collections.abc
import os
import pathlib
import tarfile

import tensorflow as tf

from compare_gan2.ground import trust
from compare_gan2.ground.checksums import checksum_of_bytes, checksum_of_file, checksum_of_saved_model
from compare_gan2.ground.keras_files import read_keras

MOST_GRAPH = 2**29  # bytes of a graph in an archive; that of the Inception of 2015 has 9e7


def saved_model(handle):
    """(function of one tensor, shape of that tensor or None, checksum) of a SavedModel.

    Args:
        handle: a directory, or a TF-Hub handle (contains "://"), for which TF-Hub looks in TFHUB_CACHE_DIR first.

    Raises:
        OSError: for a directory that is missing or holds no SavedModel, or a handle without network.
        ValueError: for a SavedModel that is not a function of one tensor.
        NotTrustedError: if only the record of a run names it.
    """
    trust.require_named(handle)
    directory = resolved(handle)
    if not (directory / "saved_model.pb").is_file():
        raise FileNotFoundError("SavedModel file does not exist: the directory holds no saved_model.pb")
    checksum = checksum_of_saved_model(directory)
    trust.announce(handle, "a SavedModel", checksum)
    module = tf.saved_model.load(str(directory))
    if callable(module):
        return module, _shape_of_call(module), checksum
    function, shape = _serving_function(module)
    return function, shape, checksum


def keras_file(path):
    """(function of one tensor, shape of that tensor, checksum) of a model in a `.keras` file.

    Raises:
        OSError, ValueError: for a file that is missing or does not hold a model of one tensor, or holds code.
    """
    if not pathlib.Path(path).is_file():
        raise FileNotFoundError("there is no such file")
    model = read_keras(path)
    if len(model.inputs) != 1:
        raise ValueError(f"the model takes {len(model.inputs)} inputs, not one tensor of images")
    names = getattr(model, "output_names", None)

    def function(images):
        outputs = model(images, training=False)
        if isinstance(outputs, (list, tuple)):
            return dict(zip(names, outputs, strict=True))
        return outputs

    return function, tuple(model.inputs[0].shape), checksum_of_file(path)


def frozen_graph(handle, name, feed, fetches):
    """(function of one tensor to a list of tensors, checksum) of a TensorFlow 1 graph whose weights are constants.

    Args:
        handle: a `.pb` file; a directory or a `.tar`, `.tar.gz`, `.tgz` that holds the file `name`; or an address
            (contains "://") of such an archive, which TF-Hub downloads to TFHUB_CACHE_DIR.
        name: of the file inside a directory or an archive.
        feed, fetches: names of tensors, such as "Mul:0".

    Raises:
        OSError: if the file or the address does not exist.
        ValueError: if the file is not a graph, or lacks such a tensor.
        NotTrustedError: if only the record of a run names it.
    """
    trust.require_named(handle)
    content = _graph_file(handle, name)
    checksum = checksum_of_bytes(content)
    trust.announce(handle, "a frozen graph", checksum)
    definition = tf.compat.v1.GraphDef()
    try:
        definition.ParseFromString(content)
    except Exception as error:  # protobuf's DecodeError, whose module differs between versions
        raise ValueError(f"it is not a frozen graph: {error}") from error
    wrapped = tf.compat.v1.wrap_function(lambda: tf.graph_util.import_graph_def(definition, name=""), [])
    tensors = {}
    for tensor in (feed, *fetches):
        try:
            tensors[tensor] = wrapped.graph.as_graph_element(tensor)
        except (KeyError, ValueError) as error:
            raise ValueError(f"the graph has no tensor {tensor!r}") from error
    function = wrapped.prune(tensors[feed], [tensors[fetch] for fetch in fetches])
    return lambda images: function(tf.cast(images, tensors[feed].dtype)), checksum


def resolved(handle):
    """Local directory of a TF-Hub handle, downloaded if it is not cached; a path stays as it is."""
    if "://" in str(handle):
        import tensorflow_hub  # here: slow to import, and not needed for a local directory

        return pathlib.Path(tensorflow_hub.resolve(handle))
    if not os.path.isdir(handle):
        raise FileNotFoundError("there is no such directory")
    return pathlib.Path(handle)


def _graph_file(handle, name):
    if "://" in str(handle) or os.path.isdir(handle):
        path = resolved(handle) / name
    else:
        path = pathlib.Path(handle)
    if path.suffix in (".tar", ".gz", ".tgz"):
        return _file_in_archive(path, name)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path.name}")
    return path.read_bytes()


def _file_in_archive(path, name):
    with tarfile.open(path) as archive:
        for member in archive:
            if member.offset_data + member.size > MOST_GRAPH:
                raise ValueError(f"the archive holds more than {MOST_GRAPH:,} bytes")
            if member.isfile() and pathlib.PurePosixPath(member.name).name == name:
                return archive.extractfile(member).read()
    raise FileNotFoundError(f"the archive has no file {name}")


def _serving_function(module):
    """(function of one tensor, its shape) of the default signature of a SavedModel without `__call__`."""
    signature = module.signatures.get("serving_default")
    if signature is None:
        raise ValueError("the SavedModel can neither be called nor has it a signature 'serving_default'")
    inputs = signature.structured_input_signature[1]
    if len(inputs) != 1:
        raise ValueError(f"the signature 'serving_default' takes {sorted(inputs)}, not one tensor of images")
    ((name, spec),) = inputs.items()

    def function(images):
        return signature(**{name: images})

    function.module = module  # keeps its variables, which the signature alone does not
    return function, None if spec.shape.rank is None else tuple(spec.shape)


def _shape_of_call(module):
    """Shape of the images that `module(images)` was saved for; None if unknown."""
    for function in getattr(module.__call__, "concrete_functions", []):
        flat = tf.nest.flatten(function.structured_input_signature)
        specs = [spec for spec in flat if isinstance(spec, tf.TensorSpec) and spec.shape.rank == 4]
        if len(specs) == 1:
            return tuple(specs[0].shape)
    return None


def outputs_by_name(outputs, names, count):
    """The named outputs of a network as float32 tensors [count, width].

    Args:
        outputs: what the network returned.
        names: of the outputs, in the order of the result.
        count: images that went in.

    Raises:
        ValueError: if an output is missing.
    """
    flat = []
    for name in names:
        if not isinstance(outputs, collections.abc.Mapping) or name not in outputs:
            given = sorted(outputs) if isinstance(outputs, collections.abc.Mapping) else type(outputs).__name__
            raise ValueError(f"it has no output {name!r}, only {given}")
        flat.append(tf.reshape(tf.cast(outputs[name], tf.float32), [count, -1]))
    return flat
