"""The notebook train_s3gan.ipynb, executed as a reader would, at the smallest size."""

import base64
import io
import re
import subprocess
import sys

import nbformat
import numpy as np
import PIL.Image
import pytest
from support.executed_notebook import code_cells, execute, failures, outputs, printed

from documents import shown

NOTEBOOK = shown.COLABS / "train_s3gan.ipynb"


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """(folder, notebook with the outputs of a run in that folder, which was empty)."""
    folder = tmp_path_factory.mktemp("notebook")
    return folder, execute(NOTEBOOK.stem, folder, is_forked=False)


@pytest.mark.slow
def test_no_cell_fails(executed):
    _, notebook = executed
    assert not failures(notebook), printed(notebook)
    assert all(cell.execution_count for cell in code_cells(notebook))


@pytest.mark.slow
def test_both_configurations_are_trained_and_shown(executed):
    folder, notebook = executed
    text = printed(notebook)
    for name in ("s3gan-smoke-seed0", "labeled_only-smoke-seed0"):
        assert (folder / "runs" / "notebook" / name / "TRAIN_DONE").exists()
        assert re.search(rf"done: step 8: fid .*conditional_accuracy.*{name}", text)
        assert re.search(rf"^{name} {{'kid': .*'precision': .*'recall': ", text, re.MULTILINE)
    assert text.count("training: 8/8 steps (100%)") == 2
    assert "oneDNN" not in text
    assert "cuda" not in text


@pytest.mark.slow
def test_pictures_are_shown(executed):
    folder, notebook = executed
    run = folder / "runs" / "notebook" / "s3gan-smoke-seed0"
    encoded = [base64.b64decode(data) for data in outputs(notebook, "image/png")]
    assert encoded[:3] == [(run / name).read_bytes() for name in ("curves.png", "samples.png", "real_and_fake.png")]
    made = [np.asarray(PIL.Image.open(io.BytesIO(data)), np.float64) for data in encoded[3:]]
    assert len(made) == 3  # sevens, and two ways to interpolate
    for picture in made:
        assert picture.shape[1] > 10 * 32  # ten images beside each other
        assert picture.std() > 10


@pytest.mark.slow
def test_scores_are_shown_as_tables(executed):
    _, notebook = executed
    tables = [text for text in outputs(notebook, "text/markdown") if text.startswith("| step |")]
    assert len(tables) == 3  # of the first run, then of both
    assert tables[0] == tables[1] != tables[2]
    for table in tables:
        header, _, *rows = table.splitlines()
        assert header == "| step | fid | classifier_score | conditional_accuracy |"
        assert [row.split(" | ")[0] for row in rows] == ["| 0", "| 8"]
        assert all(re.fullmatch(r"\| \d+( \| [\d.e+-]+ ± [\d.e+-]+){3} \|", row) for row in rows)


def test_install_cell_asks_for_the_repository_where_there_is_none(tmp_path):
    install = code_cells(nbformat.read(NOTEBOOK, as_version=4))[0].source
    bare = [sys.executable, "-I", "-S", "-c", install]  # without any installed package
    done = subprocess.run(bare, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("RuntimeError: Please put the address of the Git repository into")
    assert not list(tmp_path.iterdir())
