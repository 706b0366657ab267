"""The notebooks in colabs/: what they are made of, and all but train_s3gan.ipynb executed at the smallest size."""

import ast
import base64
import importlib
import io
import re

import nbformat
import numpy as np
import PIL.Image
import pytest
from support import original_files
from support.executed_notebook import code_cells, execute, failures, outputs, printed
from support.goldens import GOLDENS, recorded_case

import compare_gan2 as cg
from compare_gan2.runs.trained_model import Model
from documents import shown

BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/)"
)
HOSTS = ("https://colab.research.google.com/", "https://tfhub.dev/google/compare_gan/")
PUBLISHED = {  # scores of the authors' demonstrations
    "s3gan_20_128x128/1": ("128x128", "20 %", "6.9", "98.1"),
    "s3gan_10_128x128/1": ("128x128", "10 %", "7.6", "90.3"),
    "s3gan_5_128x128/1": ("128x128", "5 %", "8.4", "74.0"),
    "s3gan_2_5_128x128/1": ("128x128", "2.5 %", "12.6", "48.7"),
    "s3gan_10_256x256/1": ("256x256", "10 %", "8.8", "130.7"),
    "ssgan_128x128/1": ("128x128", "none", "20.6", "24.9"),
}


@pytest.mark.parametrize("path", shown.NOTEBOOKS, ids=shown.name_of)
def test_stored_notebook(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.nbformat == 4
    assert notebook.metadata.kernelspec.name == "python3"
    assert not any(cell.outputs or cell.execution_count for cell in code_cells(notebook))
    for cell in notebook.cells:
        assert len(cell.source.splitlines()) <= 25
        assert not re.search(r"(^|[\s\"'`(=])(/[A-Za-z]\w*|~/|[A-Z]:\\)", cell.source), cell.source  # absolute paths
        addresses = re.findall(r"\w+://[^\s)\"`]+", cell.source)
        assert all(address.startswith(HOSTS) for address in addresses), addresses
    assert notebook.cells[0].source.startswith(BADGE)
    assert re.search(r"^# \w", notebook.cells[0].source, re.MULTILINE)
    install, devices = (cell.source for cell in code_cells(notebook)[:2])
    assert install == shown.notebook_code(shown.COLABS / "train_s3gan.ipynb")[0]  # which test_notebook.py runs
    assert "pip" in install
    assert "get_strategy()" in devices
    assert path.stem == "migrate" or "COMPARE_GAN2_NOTEBOOK_SIZE" in "".join(shown.notebook_code(path))


def missing_names(sources):
    """Names of the package that code uses and that do not exist: imports, attributes of modules and of models."""
    owners, missing = {"model": Model, "cg": cg}, []
    trees = [ast.parse(source) for source in sources]
    for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)):
        if not node.module.startswith("compare_gan2"):
            continue
        module = importlib.import_module(node.module)
        for name in (alias.name for alias in node.names):
            full = f"{node.module}.{name}"
            if not hasattr(module, name) and importlib.util.find_spec(full) is None:
                missing.append(full)
        for alias in node.names:
            full = f"{node.module}.{alias.name}"
            if alias.name in vars(module) and not hasattr(getattr(module, alias.name), "__path__"):
                owners[alias.asname or alias.name] = getattr(module, alias.name)
            elif full not in missing:
                owners[alias.asname or alias.name] = importlib.import_module(full)
    attributes_of_models = {"image_shape", "z_dim", "num_classes", "class_names", "step", "weights", "generator"}
    for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)):
        if not isinstance(node.value, ast.Name) or node.value.id not in owners:
            continue
        owner = owners[node.value.id]
        if not hasattr(owner, node.attr) and not (owner is Model and node.attr in attributes_of_models):
            missing.append(f"{node.value.id}.{node.attr}")
    return missing


def test_a_missing_name_is_found():
    source = "from compare_gan2.sampling import grids, grid\nmodel.smaple(1)\ncg.lode('runs')\ngrids.rows(model.z_dim)"
    assert missing_names([source]) == ["compare_gan2.sampling.grid", "model.smaple", "cg.lode", "grids.rows"]


@pytest.mark.parametrize("path", shown.NOTEBOOKS, ids=shown.name_of)
def test_names_of_the_package_exist(path):
    assert missing_names(shown.notebook_code(path)) == []


def test_published_modules_are_listed_with_their_scores():
    found = {}
    for name in ("s3gan_demo", "ssgan_demo"):
        text = "\n".join(cell.source for cell in nbformat.read(shown.COLABS / f"{name}.ipynb", as_version=4).cells)
        for module, *facts in re.findall(
            r"^\| `(\S+)` \| (\S+) \| ([^|]+) \| ([\d.]+)[^|]*\| ([\d.]+)", text, re.MULTILINE
        ):
            found[module] = tuple(facts)
    assert found == PUBLISHED


def pictures(notebook):
    """The pictures that the cells show, as arrays."""
    return [np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(data)))) for data in outputs(notebook, "image/png")]


def executed(name, folder, **environment):
    """The notebook after an execution in which no cell failed; its pictures are not blank."""
    notebook = execute(name, folder, COMPARE_GAN2_CACHE=folder / "cache", **environment)
    assert failures(notebook) == [], printed(notebook)
    assert "This runtime computes on one " in printed(notebook)
    assert all(picture.std() > 5 for picture in pictures(notebook))
    return notebook


@pytest.mark.slow
def test_s3gan_demo_shows_a_module_of_the_original(tmp_path):
    case = recorded_case("tf1_checkpoint_s3gan")
    values = original_files.module_values(original_files.read_checkpoint(GOLDENS / case["checkpoint"]))
    module = original_files.write_module(tmp_path / "hub" / "s3gan", values)
    attention = "resnet_biggan.Generator.blocks_with_attention = 'B2'"
    source = {"COMPARE_GAN2_NOTEBOOK_SOURCE": module, "COMPARE_GAN2_NOTEBOOK_BINDINGS": attention}
    notebook = executed("s3gan_demo", tmp_path, **source)
    assert len(pictures(notebook)) == 7
    assert "architecture: resnet_biggan_arch" in printed(notebook)
    assert sorted(path.name for path in (tmp_path / "networks").rglob("*.keras")) == [
        "discriminator.keras",
        "generator.keras",
    ]


@pytest.mark.slow
def test_ssgan_demo_trains_a_tiny_one(tmp_path):
    notebook = executed("ssgan_demo", tmp_path, COMPARE_GAN2_NOTEBOOK_SOURCE="tiny")
    assert len(pictures(notebook)) == 5
    assert (tmp_path / "runs" / "notebook" / "ssgan-smoke" / "TRAIN_DONE").exists()


@pytest.mark.slow
def test_evaluate_anything(tmp_path):
    notebook = executed("evaluate_anything", tmp_path)
    table = next(text for text in outputs(notebook, "text/markdown") if text.startswith("|  | fid |"))
    header, _, *lines = ([cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines())
    assert header == ["", "fid", "kid", "kid_standard_error", "precision", "recall", "prd_f8", "prd_f1_8"]
    rows = {name: dict(zip(header[1:], map(float, values), strict=True)) for name, *values in lines}
    assert list(rows) == ["other digits", "with noise", "0, 1 and 2 alone"]
    good, noisy, few = rows.values()
    assert good["fid"] < min(noisy["fid"], few["fid"])
    assert good["precision"] > noisy["precision"]
    assert good["recall"] > few["recall"] and good["prd_f8"] > few["prd_f8"]
    assert len(pictures(notebook)) == 3


@pytest.mark.slow
def test_own_images(tmp_path):
    notebook = executed("own_images", tmp_path)
    assert len(pictures(notebook)) == 4
    assert "108 training images of 32x32x3, 30 of them with their label (3 classes)" in printed(notebook)
    assert re.search(r"^\d+ of 12 \(\d+ %; 33 % at random\)", printed(notebook), re.MULTILINE)
    assert (tmp_path / "grid.png").exists()
    loaded = cg.load(tmp_path / "runs" / "notebook" / "own-shapes-smoke-export")
    assert loaded.class_names == ("disc", "square", "triangle")


@pytest.mark.slow
def test_fewer_labels(tmp_path):
    notebook = executed("fewer_labels", tmp_path)
    assert re.search(r"^\d+\.\d % of the inferred labels are right", printed(notebook), re.MULTILINE)
    table = next(text for text in outputs(notebook, "text/markdown") if text.startswith("| method |"))
    assert re.findall(r"^\| (\w+) \| [\d.]+ \| [\d.]+ \|$", table, re.MULTILINE) == ["s2gan", "s3gan_co"]
    assert len(pictures(notebook)) == 4


@pytest.mark.slow
def test_migrate(tmp_path):
    notebook = executed("migrate", tmp_path)
    text = printed(notebook)
    assert "AdamOptimizer.learning_rate: no effect" in text
    assert "resumes from step 3" in text and "1 step to step 4" in text and "at step 4" in text
    migrated = tmp_path / "runs" / "notebook" / "migrated"
    assert not list(migrated.glob("model.ckpt-4*"))  # made-up images are for a copy
    assert len(pictures(notebook)) == 1


@pytest.mark.slow
def test_convex_polygons(tmp_path):
    notebook = executed("convex_polygons", tmp_path)
    assert len(pictures(notebook)) == 3
    assert "convex_polygons: 4000 training images of 32x32x1, 200 of them with their label" in printed(notebook)
    assert np.load(tmp_path / "polygons.npz")["images"].shape == (200, 32, 32, 1)
