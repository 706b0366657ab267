"""The wheel, made from the source distribution, works from an empty folder without the checkout."""

import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile

import pytest
from support import tiny_run

from compare_gan2.config import config_files

pytestmark = pytest.mark.slow
ANYWHERE = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__")
AT_THE_TOP = {"build", "runs"}


def left_out(folder, names):
    """Those among the names in a folder of the checkout that no distribution is made of."""
    return ANYWHERE(folder, names) | (AT_THE_TOP if pathlib.Path(folder) == tiny_run.ROOT else set())


def built(kind, source, output):
    """Path of a distribution that the build backend makes of a source tree."""
    code = f"import setuptools.build_meta as backend; backend.build_{kind}({str(output)!r})"
    done = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = output.iterdir()
    return path


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """(sdist, wheel)."""
    folder = tmp_path_factory.mktemp("distributions")
    source = shutil.copytree(tiny_run.ROOT, folder / "source", symlinks=True, ignore=left_out)
    for name in ("sdist", "wheel", "unpacked"):
        (folder / name).mkdir()
    sdist = built("sdist", source, folder / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    return sdist, built("wheel", unpacked, folder / "wheel")


def clean_environment():
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}


@pytest.fixture(scope="module")
def installed(distributions, tmp_path_factory):
    """Folder of the commands of an environment that has the wheel, and all else from this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    command = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet"]
    # Else a checkout on the path, which has been installed before, counts as this package.
    subprocess.run([*command, "--no-deps", "--no-index", str(distributions[1])], check=True, env=clean_environment())
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def run(installed, *command, cwd):
    environment = clean_environment()
    environment["COMPARE_GAN2_CACHE"] = str(cwd / "cache")
    command = [str(installed / command[0]), *command[1:]]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)
    return tiny_run.Result(done.returncode, done.stdout, done.stderr)


def test_both_hold_every_configuration_and_the_network(distributions):
    sdist, wheel = distributions
    with tarfile.open(sdist) as archive:
        in_sdist = {name.partition("/")[2] for name in archive.getnames()}
    in_wheel = set(zipfile.ZipFile(wheel).namelist())
    names = [path.relative_to(config_files.SHIPPED.parent.parent) for path in config_files.SHIPPED.rglob("*.gin")]
    networks = pathlib.Path("compare_gan2/metrics/networks")
    names += [networks / "digits.npz", networks / "fashion.npz", pathlib.Path("compare_gan2/main.py")]
    templates = list(config_files.SHIPPED.parent.glob("*/templates/*"))
    assert {path.parents[1].name for path in templates} == {"labelling", "reporting"}
    names += [path.relative_to(config_files.SHIPPED.parent.parent) for path in templates]
    for name in map(str, names):
        assert name in in_wheel and name in in_sdist
    assert {"LICENSE", "README.md", "tests/conftest.py", "results/mnist_5k.csv", "gin_configs/s3gan.gin"} <= in_sdist
    in_results = [path.relative_to(tiny_run.ROOT).as_posix() for path in (tiny_run.ROOT / "results").rglob("*.*")]
    assert len(in_results) > 10 and not set(in_results) - in_sdist  # documents show them
    assert {f"gin_configs/{name}" for name in config_files.shipped_names()} <= in_sdist  # in a checkout a link
    assert not [name for name in in_wheel if name.startswith(("tests", "docs"))]


def test_the_command_trains_from_an_empty_folder(installed, tmp_path):
    where = run(installed, "python", "-c", "import compare_gan2; print(compare_gan2.__file__)", cwd=tmp_path)
    assert pathlib.Path(where.out.strip()).is_relative_to(installed.parent), where
    arguments = tiny_run.arguments("runs/tiny", tiny_run.TRAIN_ONLY, config="mnist_5k/biggan.gin")
    trained = run(installed, "compare_gan2", "train", *arguments, cwd=tmp_path)
    assert trained.code == 0, trained.err
    assert "trained to step 6" in trained.out and (tmp_path / "runs/tiny/model.ckpt-6.index").exists()
    again = run(installed, "compare_gan2", "train", *arguments, cwd=tmp_path)
    assert again.code == 0 and "nothing left to do" in again.out


def test_help_and_unknown_names(installed, tmp_path):
    listed = run(installed, "compare_gan2", "--help", cwd=tmp_path)
    assert listed.code == 0 and "  conformance " in listed.out
    module = run(installed, "python", "-m", "compare_gan2", "train", "--gin_config=s3gn.gin", cwd=tmp_path)
    assert module.code == 2 and "did you mean s3gan.gin" in module.err
    assert not list(tmp_path.iterdir())
