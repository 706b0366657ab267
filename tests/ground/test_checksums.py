"""Checksums of what scores are computed with."""

import hashlib

import numpy as np

from compare_gan2.ground.checksums import (
    checksum_of_arrays,
    checksum_of_bytes,
    checksum_of_file,
    checksum_of_saved_model,
)


def test_bytes_and_files_have_their_sha256(tmp_path):
    content = bytes(range(256)) * 9000  # longer than what is read at a time
    (tmp_path / "file").write_bytes(content)
    assert checksum_of_bytes(content) == checksum_of_file(tmp_path / "file") == hashlib.sha256(content).hexdigest()


def test_values_types_shapes_and_order_of_arrays_count():
    first, second = np.arange(6, dtype=np.float32), np.zeros(2)
    given = checksum_of_arrays([first, second])
    assert given == checksum_of_arrays([first.copy(), second])
    assert given == checksum_of_arrays([np.arange(12, dtype=np.float32)[:6], second])
    others = [
        [second, first],
        [first.astype(np.float64), second],
        [first.reshape(2, 3), second],
        [first + 1, second],
        [first],
    ]
    assert len({given, *map(checksum_of_arrays, others)}) == 6


def test_graph_and_variables_of_a_saved_model_count(tmp_path):
    (tmp_path / "variables").mkdir()
    (tmp_path / "saved_model.pb").write_bytes(b"graph")
    (tmp_path / "variables" / "variables.index").write_bytes(b"index")
    given = checksum_of_saved_model(tmp_path)
    (tmp_path / "keras_metadata.pb").write_bytes(b"not counted")
    assert checksum_of_saved_model(tmp_path) == given
    (tmp_path / "variables" / "variables.index").rename(tmp_path / "variables" / "variables.data")
    renamed = checksum_of_saved_model(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"another graph")
    assert len({given, renamed, checksum_of_saved_model(tmp_path)}) == 3
