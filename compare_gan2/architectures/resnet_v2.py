"""Feature extractor: a residual network with activations before convolutions (He et al. 2016, ResNet v2)."""

import dataclasses
from typing import Annotated, Literal

import keras

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Items, Range, Width
from compare_gan2.ground.seeds import seed_for


@configurable("resnet_v2", module="compare_gan2.pretraining")
@dataclasses.dataclass(frozen=True)
class ResNetV2Options:
    """Size of the network; the defaults are ResNet-50 v2.

    Attributes:
        blocks: blocks of each stage; every stage but the first halves the resolution.
        width: channels of the first stage, doubled by each further one; features have as many as the last stage puts
            out, four times its width with bottlenecks.
        bottleneck: blocks of 1x1, 3x3 and 1x1 convolutions in place of two 3x3 ones.
        stem: "large": 7x7 convolution and pooling, each of stride 2, for photographs; "small": one 3x3 convolution;
            "strided": one 5x5 convolution of stride 2, which takes a quarter of the time.
    """

    blocks: Annotated[list[Annotated[int, Range(1, 1000)]], Items(10)] = dataclasses.field(default=(3, 4, 6, 3))
    width: Width = 64
    bottleneck: bool = True
    stem: Literal["small", "strided", "large"] = "large"

    def __post_init__(self):
        check_fields(self)


def resnet_v2(image_shape, options, seed=0, synchronized=False):
    """Keras model from images float32 [N,H,W,C] in [0,1] to features [N,F]: the last stage, averaged over positions.

    Args:
        image_shape: (height, width, channels).
        options: `ResNetV2Options`.
        seed: whole number in [0, 2**32); initial weights follow from it and the names of the layers.
        synchronized: whether the moments of batch norm are those of all replicas.
    """
    network = _Builder(seed, synchronized)
    images = keras.Input(image_shape, name="images")
    x = keras.layers.Rescaling(2.0, -1.0, name="to_minus_one_to_one")(images)
    if options.stem == "large":
        x = network.convolution(x, options.width, 7, 2, "stem")
        x = keras.layers.MaxPooling2D(3, 2, "same", name="stem_pool")(x)
    elif options.stem == "strided":
        x = network.convolution(x, options.width, 5, 2, "stem")
    else:
        x = network.convolution(x, options.width, 3, 1, "stem")
    block = network.bottleneck if options.bottleneck else network.basic
    for stage, count in enumerate(options.blocks):
        for number in range(count):
            stride = 2 if stage and not number else 1
            x = block(x, options.width * 2**stage, stride, f"stage{stage}_block{number}")
    x = network.normalized(x, "final")
    return keras.Model(images, keras.layers.GlobalAveragePooling2D(name="features")(x), name="resnet_v2")


class _Builder:
    """Layers whose initial weights follow from a seed and their names."""

    def __init__(self, seed, synchronized):
        self._seed = seed
        self._synchronized = synchronized

    def convolution(self, x, channels, size, stride, name):
        initializer = keras.initializers.HeNormal(seed=seed_for(self._seed, name))
        layer = keras.layers.Conv2D(
            channels, size, stride, "same", use_bias=False, kernel_initializer=initializer, name=name
        )
        return layer(x)

    def normalized(self, x, name):
        x = keras.layers.BatchNormalization(
            momentum=0.9, epsilon=1e-5, synchronized=self._synchronized, name=f"{name}_norm"
        )(x)
        return keras.layers.ReLU(name=f"{name}_relu")(x)

    def basic(self, x, channels, stride, name):
        y = self.normalized(x, f"{name}_a")
        shortcut = self._shortcut(x, y, channels, stride, name)
        y = self.convolution(y, channels, 3, stride, f"{name}_conv1")
        y = self.convolution(self.normalized(y, f"{name}_b"), channels, 3, 1, f"{name}_conv2")
        return keras.layers.Add(name=f"{name}_add")([shortcut, y])

    def bottleneck(self, x, channels, stride, name):
        y = self.normalized(x, f"{name}_a")
        shortcut = self._shortcut(x, y, 4 * channels, stride, name)
        y = self.convolution(y, channels, 1, 1, f"{name}_conv1")
        y = self.convolution(self.normalized(y, f"{name}_b"), channels, 3, stride, f"{name}_conv2")
        y = self.convolution(self.normalized(y, f"{name}_c"), 4 * channels, 1, 1, f"{name}_conv3")
        return keras.layers.Add(name=f"{name}_add")([shortcut, y])

    def _shortcut(self, x, activated, channels, stride, name):
        if stride == 1 and x.shape[-1] == channels:
            return x
        if stride > 1:
            # Every second pixel. In a 1x1 convolution with a stride over fewer than 16 channels, oneDNN's gradient of
            # the kernel writes beyond its memory on processors with AVX-512 (TensorFlow 2.21).
            activated = keras.layers.MaxPooling2D(1, stride, name=f"{name}_every")(activated)
        return self.convolution(activated, channels, 1, 1, f"{name}_shortcut")
