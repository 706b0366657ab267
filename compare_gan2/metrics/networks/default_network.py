"""The feature network that is taken if none is bound: one whose weights are on this machine, never a download."""

import hashlib
import os
import pathlib
import tempfile

from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.networks import efficientnet_lite, inception
from compare_gan2.metrics.networks.choices import INSTALL, RECOMMENDED
from compare_gan2.metrics.networks.shipped import SHIPPED

TFGAN_HANDLE = "https://tfhub.dev/tensorflow/tfgan/eval/inception/1"
KERAS_FILE = "inception_v3_weights_tf_dim_ordering_tf_kernels.h5"
KERAS_MD5 = "9a0d58056eeedaa3f26cb7ebd46da564"  # Keras downloads any other file again
MEGABYTES = {"inception_tfgan": 90, "inception_v1_2015": 90, "inception_keras": 92}  # of a download, about


def default_network(dataset=None):
    """Name of the network for images of a dataset, and why it is chosen, a text.

    The shipped network that knows the dataset, such as `digits`; otherwise an Inception whose weights TF-Hub or Keras
    have kept from an earlier download, since its numbers can be compared with published ones; otherwise
    `efficientnet_lite0`, if the package of its weights is installed.

    Args:
        dataset: name of the dataset of the real images; None if they are from elsewhere.

    Raises:
        ConfigError: if the weights of none of them are on this machine.
    """
    for shipped in SHIPPED.values():
        if dataset == shipped.dataset:
            return shipped.name, f"it knows the classes of {dataset}"
    for name in MEGABYTES:
        if place := kept_weights(name):
            return name, f"its weights are in {place}"
    if efficientnet_lite.is_installed(RECOMMENDED):
        return RECOMMENDED, "its package is installed, and no Inception's weights are on this machine"
    raise ConfigError(
        "feature_network.name: none is bound, and the weights of no network for these images are on this machine:"
        f" {INSTALL} installs {RECOMMENDED!r} (17 MB); feature_network.name = 'inception_keras' downloads"
        f" {MEGABYTES['inception_keras']} MB and gives FID on Inception"
    )


def kept_weights(name):
    """Path of an Inception's published weights on this machine; None if they would be downloaded.

    Args:
        name: a key of `MEGABYTES`.
    """
    if name == "inception_keras":
        path = _keras_models() / KERAS_FILE
        return path if path.is_file() and _md5(path) == KERAS_MD5 else None
    handle, marker = {
        "inception_tfgan": (TFGAN_HANDLE, "saved_model.pb"),
        "inception_v1_2015": (inception.V1_2015_ARCHIVE, "*.pb"),
    }[name]
    folder = _hub_folder() / hashlib.sha1(handle.encode()).hexdigest()  # as TF-Hub names it
    return folder if any(folder.glob(marker)) else None


def announcement(name):
    """A line about the download that an Inception without a bound path begins; empty if it has been kept."""
    if kept_weights(name):
        return ""
    folder = _keras_models() if name == "inception_keras" else _hub_folder()
    return (
        f"feature_network.name: the weights of {name!r} are not on this machine: downloads about {MEGABYTES[name]} MB"
        f" to {folder}"
    )


def _keras_models():
    """Folder in which Keras keeps weights; it has no public name for it."""
    home = os.path.expanduser("~")
    base = home if os.access(home, os.W_OK) else "/tmp"
    return pathlib.Path(os.environ.get("KERAS_HOME") or os.path.join(base, ".keras")) / "models"


def _hub_folder():
    """Folder in which TF-Hub keeps modules."""
    return pathlib.Path(os.environ.get("TFHUB_CACHE_DIR") or os.path.join(tempfile.gettempdir(), "tfhub_modules"))


def _md5(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
