"""Feature networks and resizers by name, without TensorFlow, so that parsers can list them."""

from typing import Literal

NetworkName = Literal["digits", "inception_tfgan", "inception_v1_2015", "inception_keras", "saved_model"]
ResizerName = Literal["tf1_bilinear", "clean", "tf2_bilinear"]
InputRange = Literal["0_1", "-1_1", "0_255"]

NO_RESIZE = "none"
# For images other than 32x32 digits: Keras downloads the weights by itself, every other network needs a file or TF-Hub.
RECOMMENDED = "inception_keras"
