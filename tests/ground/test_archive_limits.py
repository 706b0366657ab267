"""Archives of arrays that claim or unpack far more than they have."""

import io
import zipfile

import numpy as np
import pytest

from compare_gan2.ground import archive_limits
from compare_gan2.ground.archive_limits import require_honest_arrays
from compare_gan2.ground.array_files import read_npz
from compare_gan2.ground.errors import DamagedFileError, DataError
from compare_gan2.ground.store import read_arrays, write_arrays


def npz(path, **arrays):
    np.savez_compressed(path, **arrays)
    return path


def claiming(path, shape):
    """An `.npz` file whose array has 4 bytes and a header of this shape."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", file.getvalue() + b"abcd")
    return path


def test_honest_files_pass(tmp_path):
    write_arrays(tmp_path / "cache.npz", {"a": 1}, {"features": np.zeros([100, 64])})
    require_honest_arrays(tmp_path / "cache.npz")
    require_honest_arrays(npz(tmp_path / "zeros.npz", images=np.zeros([1000, 1000], np.uint8)))
    (tmp_path / "text.npz").write_text("no archive")
    require_honest_arrays(tmp_path / "text.npz")  # NumPy answers for it
    honest = read_npz(claiming(tmp_path / "a.npz", (2, 2)), "--fake", ["images"])
    assert honest["images"].tolist() == [[97, 98], [99, 100]]


def test_a_header_that_claims_more_than_there_is(tmp_path):
    path = claiming(tmp_path / "claims.npz", (2**40, 2**30))
    with pytest.raises(
        DataError, match=r"--fake: .*claims.npz .*images.npy claims 1,180,591,620,717,411,303,424 bytes"
    ):
        read_npz(path, "--fake", ["images"])
    with pytest.raises(DamagedFileError, match="images.npy claims"):
        read_arrays(path, "cached features")


def test_a_bomb(tmp_path, monkeypatch):
    path = npz(tmp_path / "bomb.npz", images=np.zeros([3000, 1000], np.uint8))
    monkeypatch.setattr(archive_limits, "MOST_UNPACKED", 1_000_000)
    with pytest.raises(DataError, match=r"images.npy unpacks from [\d,]+ to 3,000,128 bytes; packed tighter than 100"):
        read_npz(path, "--fake", ["images"])
    noise = np.random.RandomState(0).randint(0, 256, [3000, 1000]).astype(np.uint8)
    assert read_npz(npz(tmp_path / "noise.npz", images=noise), "--fake", ["images"])["images"].shape == (3000, 1000)


def test_objects_are_refused(tmp_path):
    np.savez(tmp_path / "objects.npz", images=np.array([{"a": 1}], dtype=object))
    with pytest.raises(DataError, match="allow_pickle=False"):
        read_npz(tmp_path / "objects.npz", "--fake", ["images"])
