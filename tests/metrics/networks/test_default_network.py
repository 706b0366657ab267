"""Which network is taken where none is bound: never one that would have to be downloaded."""

import hashlib

import pytest

from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.networks import default_network, efficientnet_lite, tfgan_eval
from compare_gan2.metrics.networks.choices import INSTALL

HANDLES = {
    "inception_tfgan": (default_network.TFGAN_HANDLE, "saved_model.pb"),
    "inception_v1_2015": (default_network.inception.V1_2015_ARCHIVE, "inceptionv1_for_inception_score.pb"),
}


@pytest.fixture(autouse=True)
def empty_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "hub"))


def keep(name, tmp_path, monkeypatch, content=b"weights"):
    """Puts a file where TF-Hub or Keras would have kept the weights."""
    if name == "inception_keras":
        path = tmp_path / "keras" / "models" / default_network.KERAS_FILE
        monkeypatch.setattr(default_network, "KERAS_MD5", hashlib.md5(b"weights").hexdigest())
    else:
        handle, file = HANDLES[name]
        path = tmp_path / "hub" / hashlib.sha1(handle.encode()).hexdigest() / file
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def test_the_installed_package_if_no_inception_is_at_hand():
    name, reason = default_network.default_network()
    assert name == "efficientnet_lite0" and "its package is installed" in reason


@pytest.mark.parametrize("name", default_network.MEGABYTES)
def test_an_inception_that_has_been_downloaded_before_comes_first(name, tmp_path, monkeypatch):
    assert default_network.kept_weights(name) is None
    line = default_network.announcement(name)
    assert f"the weights of {name!r} are not on this machine: downloads about 9" in line and str(tmp_path) in line
    keep(name, tmp_path, monkeypatch)
    found, reason = default_network.default_network("cifar10")
    assert found == name and str(tmp_path) in reason
    assert default_network.announcement(name) == ""


def test_half_a_download_does_not_count(tmp_path, monkeypatch):
    keep("inception_keras", tmp_path, monkeypatch, b"weig")  # Keras would download it again
    assert default_network.default_network()[0] == "efficientnet_lite0"


def test_the_inception_of_published_numbers_comes_before_that_of_keras(tmp_path, monkeypatch):
    for name in ("inception_keras", "inception_tfgan"):
        keep(name, tmp_path, monkeypatch)
    assert default_network.default_network()[0] == "inception_tfgan"


def test_digits_and_clothes_keep_their_own(tmp_path, monkeypatch):
    keep("inception_keras", tmp_path, monkeypatch)
    assert default_network.default_network("mnist_5k")[0] == "digits"
    assert default_network.default_network("fashion_mnist")[0] == "fashion"


def test_without_any_a_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setattr(efficientnet_lite, "is_installed", lambda name: False)
    with pytest.raises(ConfigError) as caught:
        default_network.default_network("folder")
    text = str(caught.value)
    assert text.startswith("feature_network.name: none is bound") and "\n" not in text
    assert INSTALL in text and "'inception_keras' downloads 92 MB" in text


def test_the_handle_is_that_of_tfgan():
    assert default_network.TFGAN_HANDLE == tfgan_eval.load().INCEPTION_TFHUB
