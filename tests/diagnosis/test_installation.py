"""`compare_gan2 doctor`: one table about an installation, and what it says about a broken one."""

import numpy as np
import pytest

from compare_gan2 import doctor
from compare_gan2.diagnosis import computations, installation
from compare_gan2.ground import sealed_files


@pytest.mark.parametrize(
    ("version", "bounds", "problem"),
    [
        ("2.21.0", ">=2.21,<2.22", ""),
        ("2.21.0rc1", ">=2.20,<2.22", ""),
        ("2.22.0", "<2.22,>=2.21", "expected <2.22,>=2.21: pip install 'tensorflow<2.22,>=2.21'"),
        (None, ">=2", "pip install 'tensorflow>=2'"),
        ("3.1", "", ""),
    ],
)
def test_versions_are_compared_with_the_bounds(version, bounds, problem):
    assert installation.version_check("tensorflow", version, bounds).problem == problem


@pytest.fixture
def healthy(monkeypatch, tmp_path):
    """An installation on which nothing depends on the machine; its cache folder."""
    monkeypatch.setenv("COMPARE_GAN2_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(installation, "LEAST_ROOM", 0)
    monkeypatch.setattr(installation, "_packages", lambda: iter([installation.version_check("numpy", "2.1", ">=2")]))
    monkeypatch.setattr(computations, "COMPUTATIONS", {"a sum": lambda: (1e-9, 1e-6)})
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


def test_a_healthy_installation(healthy, capsys):
    np.savez(healthy / "features.npz", features=np.zeros(3))
    assert doctor.main([]) == 0
    lines = capsys.readouterr().out.splitlines()[-6:]
    assert [line.split("  ")[0] for line in lines] == [
        "numpy",
        "devices",
        "a sum",
        "disk of this folder",
        "disk of the cache",
        "caches",
    ]
    assert all(line.endswith("  ok") for line in lines) and "1 files" in lines[-1]


def broken():
    raise ImportError("libcudnn.so.9: cannot open shared object file\nand more")


def test_a_broken_one_says_what_to_do(healthy, capsys, monkeypatch):
    np.savez(healthy / "features.npz", features=np.arange(300))
    content = bytearray((healthy / "features.npz").read_bytes())
    content[200] ^= 1
    (healthy / "features.npz").write_bytes(content)
    sealed_files.write(healthy / "labels.csv", b"0,1\n")
    (healthy / "labels.csv").write_bytes(b"0,2\n")
    (healthy / "notes.csv").write_bytes(b"not ours")
    monkeypatch.setattr(computations, "COMPUTATIONS", {"a sum": lambda: (0.5, 1e-6), "a product": broken})
    monkeypatch.setattr(installation, "LEAST_ROOM", 10**18)
    assert doctor.main([]) == 1
    out = capsys.readouterr().out
    assert "a sum: this machine computes something else: off by 0.5, at most 1e-06 is right" in out
    assert "a product: libcudnn.so.9: cannot open shared object file\n" in out
    assert "disk of the cache: expected 1e+09 GB or more" in out
    (line,) = [line for line in out.splitlines() if line.startswith("caches: ")]
    assert "features.npz" in line and "labels.csv" in line and "notes.csv" not in line and "made again" in line


def test_packages_are_those_that_the_package_requires():
    names = [check.what for check in installation._packages()]
    assert names[0] == "compare_gan2" and ("tensorflow" in names or len(names) == 1)
    assert not {"pytest", "ruff"} & set(names)
