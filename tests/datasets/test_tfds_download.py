"""Without a network a download fails soon; with one, TFDS downloads. Local servers replace the network."""

import http.server
import io
import logging
import socket
import threading
import time

import numpy as np
import pytest
import tensorflow_datasets as tfds
from etils import epath
from support.bound_dataset import opened

from compare_gan2.datasets.sources import tfds_download

IMAGES = np.random.RandomState(0).randint(0, 256, [6, 8, 8, 3]).astype(np.uint8)


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({"/gone": 404, "/broken": 503}.get(self.path, 200))
        self.end_headers()
        np.save(content := io.BytesIO(), IMAGES)
        self.wfile.write(content.getvalue())

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def silent():
    """Address of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/file"


@pytest.fixture
def closed():
    """Address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    return f"http://127.0.0.1:{port}/file"


class _Builder:
    def __init__(self, *urls):
        self.url_infos = dict.fromkeys(urls)
        self.downloaded = False

    def download_and_prepare(self):
        logging.getLogger("urllib3.connectionpool").warning("Retrying")
        self.downloaded = True


@pytest.mark.parametrize("path", ["/file", "/gone"])
def test_a_server_that_answers_is_downloaded_from(server, closed, path, caplog):
    builder = _Builder(closed, server + path)  # one that answers is enough
    tfds_download.download(builder)
    assert builder.downloaded and "Retrying" not in caplog.text
    assert logging.getLogger("urllib3").level == logging.NOTSET


@pytest.mark.parametrize("urls", [(), ("ftp://nowhere.invalid/a",)])
def test_what_cannot_be_asked_is_left_to_tfds(urls):
    builder = _Builder(*urls)
    tfds_download.download(builder)
    assert builder.downloaded


def test_no_server_is_an_error_at_once(closed):
    builder, begin = _Builder(closed, closed + "2"), time.monotonic()
    with pytest.raises(ConnectionError, match=r"no answer from 127\.0\.0\.1:\d+: NewConnectionError: .*refused"):
        tfds_download.download(builder)
    assert not builder.downloaded and time.monotonic() - begin < tfds_download.PATIENCE


def test_a_gateway_that_fails_is_no_answer(server):
    with pytest.raises(ConnectionError, match="HTTP status 503"):
        tfds_download.require_answer([f"{server}/broken"])


def test_a_server_that_never_answers_is_given_up(silent):
    begin = time.monotonic()
    with pytest.raises(ConnectionError, match="no answer from 127"):
        tfds_download.require_answer([silent, silent.replace("127.0.0.1", "localhost")], patience=0.5)
    assert time.monotonic() - begin < 1.5


def test_tfds_downloads_what_is_missing(server, tmp_path):
    class LocalTiles(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")
        url_infos = {f"{server}/tiles.npy": None}
        pkg_dir_path = epath.Path(tmp_path)  # where TFDS looks for what a package says about itself

        def _info(self):
            return self.dataset_info_from_configs(
                features=tfds.features.FeaturesDict({"image": tfds.features.Image(shape=(8, 8, 3))})
            )

        def _split_generators(self, manager):
            path = manager.download(f"{server}/tiles.npy")
            return {"train": self._generate_examples(path), "test": self._generate_examples(path)}

        def _generate_examples(self, path):
            with open(path, "rb") as file:
                yield from ((number, {"image": image}) for number, image in enumerate(np.load(file)))

    dataset = opened("tfds:local_tiles", tfds_data_dir=str(tmp_path))
    assert (dataset.num_train, dataset.num_test, dataset.image_shape) == (6, 6, (8, 8, 3))
    found = sorted(image.tolist() for image in dataset.test_images(6)[0])
    assert found == sorted((image / np.float32(255)).tolist() for image in IMAGES)
