"""The Inceptions other than TF-GAN's: the frozen graph of 2015 and Keras' own."""

import io
import re
import tarfile

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_hub
from PIL import Image
from support.stand_ins import expected_outputs, frozen_stand_in

from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.networks import inception, saved_networks
from compare_gan2.metrics.networks.feature_networks import feature_network


def images(count=3):
    return np.random.RandomState(1).uniform(size=(count, 32, 40, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def frozen_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frozen")
    (folder / inception.V1_2015_FILE).write_bytes(frozen_stand_in())
    with tarfile.open(folder / "published.tar.gz", "w:gz") as archive:
        archive.add(folder / inception.V1_2015_FILE, f"./{inception.V1_2015_FILE}")
    return folder


@pytest.mark.parametrize("place", ["", "published.tar.gz", inception.V1_2015_FILE])
def test_frozen_graph_from_file_folder_or_archive(frozen_folder, place):
    network = feature_network("inception_v1_2015", str(frozen_folder / place))
    assert (network.num_features, network.num_logits, network.resize) == (2048, 1008, "tf1_bilinear")
    features, logits = network.features_and_logits(images(), batch_size=2)
    expected_features, expected_logits = expected_outputs(images())
    np.testing.assert_allclose(features, expected_features, atol=1e-3)
    np.testing.assert_allclose(logits, expected_logits, atol=1e-3)
    direct = feature_network("inception_v1_2015", str(frozen_folder / inception.V1_2015_FILE))
    assert network.checksum == direct.checksum


def test_an_archive_is_read_without_unpacking(frozen_folder, tmp_path, monkeypatch):
    """Members whose names lead elsewhere, links and members that are too large are passed over or refused."""
    graph = (frozen_folder / inception.V1_2015_FILE).read_bytes()
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        for name in ("../outside.pb", "/tmp/outside.pb", f"../../{inception.V1_2015_FILE}"):
            member = tarfile.TarInfo(name)
            member.size = len(graph)
            archive.addfile(member, io.BytesIO(graph))
        link = tarfile.TarInfo(inception.V1_2015_FILE)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    before = sorted(tmp_path.parent.rglob("*"))
    assert feature_network("inception_v1_2015", str(tmp_path / "evil.tar")).num_logits == 1008
    assert sorted(tmp_path.parent.rglob("*")) == before
    monkeypatch.setattr(saved_networks, "MOST_GRAPH", 1000)
    with pytest.raises(ConfigError, match="the archive holds more than 1,000 bytes"):
        feature_network("inception_v1_2015", str(tmp_path / "evil.tar"))


def test_frozen_graph_from_its_address(frozen_folder, monkeypatch):
    asked = []
    monkeypatch.setattr(tensorflow_hub, "resolve", lambda handle: asked.append(handle) or str(frozen_folder))
    assert feature_network("inception_v1_2015").num_logits == 1008
    assert asked == ["http://download.tensorflow.org/models/frozen_inception_v1_2015_12_05.tar.gz"]


def without(name):
    graph = tf.compat.v1.GraphDef.FromString(frozen_stand_in())
    for node in graph.node:
        node.name = re.sub(rf"^{name}$", "renamed", node.name)
        node.input[:] = [re.sub(rf"^{name}$", "renamed", source) for source in node.input]
    return graph.SerializeToString()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "FileNotFoundError: there is no such|there is no file"),
        (b"no graph at all", "it is not a frozen graph"),
        (without("Mul"), "the graph has no tensor 'Mul:0'"),
        (without("logits"), "the graph has no tensor 'logits:0'"),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path, content, problem):
    path = tmp_path / "graph.pb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"feature_network.path: cannot use '{path}': .*({problem})") as caught:
        feature_network("inception_v1_2015", str(path))
    assert "pool_3:0 [N, 2048]" in str(caught.value) and "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def keras_weights(tmp_path_factory):
    keras.utils.set_random_seed(0)
    model = keras.applications.InceptionV3(weights=None, classifier_activation=None)
    path = tmp_path_factory.mktemp("keras") / "inception.weights.h5"
    model.save_weights(path)
    return model, str(path)


def test_keras_inception_with_its_own_preparation(keras_weights):
    model, path = keras_weights
    network = feature_network("inception_keras", path, "clean")
    assert (network.num_features, network.num_logits, network.resize) == (2048, 1000, "clean")
    given = images(2)
    prepared = np.empty((2, 299, 299, 3), np.float32)
    for n, c in np.ndindex(2, 3):
        picture = Image.fromarray(255 * given[n, :, :, c], mode="F").resize((299, 299), Image.Resampling.BICUBIC)
        prepared[n, :, :, c] = np.clip(np.asarray(picture), 0, 255)
    pooled = keras.Model(model.input, model.get_layer("avg_pool").output)
    prepared = keras.applications.inception_v3.preprocess_input(prepared)
    features, logits = network.features_and_logits(given)
    np.testing.assert_allclose(features, pooled(prepared, training=False), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(logits, model(prepared, training=False), rtol=1e-3, atol=1e-5)


def test_keras_inception_computes_in_float32_whatever_the_policy(keras_weights):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = feature_network("inception_keras", keras_weights[1])
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")
    again = feature_network("inception_keras", keras_weights[1])
    np.testing.assert_array_equal(network.features_and_logits(images(1))[0], again.features_and_logits(images(1))[0])
    assert network.checksum == again.checksum


def test_missing_keras_weights_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="feature_network.path: cannot use .*absent.*keras.applications.InceptionV3"):
        feature_network("inception_keras", str(tmp_path / "absent.weights.h5"))
