"""`compare_gan2 sample` on a short run: every kind of picture and file, and what it refuses."""

import contextlib
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from support.tiny_run import Result, error_line, snapshot
from support.trained_run import trained_run

import compare_gan2
from compare_gan2 import sample
from compare_gan2.runs.load import load


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    return trained_run(tmp_path_factory.mktemp("trained") / "tiny").files.path


@pytest.fixture
def command(run_folder, tmp_path, monkeypatch):
    """Function of arguments -> `Result` of the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = sample.main([f"--model_dir={run_folder}", *arguments])
        return Result(code, out.getvalue(), err.getvalue())

    return run


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_without_flags_it_draws_a_grid(command, tmp_path):
    done = command()
    assert (done.code, done.err) == (0, "")
    assert done.out == "picture of 724x713 pixels (height x width)\nwritten: tiny-grid.png\n"
    assert [path.name for path in tmp_path.iterdir()] == ["tiny-grid.png"]
    assert pixels("tiny-grid.png").shape == (724, 713, 3)
    before = snapshot(tmp_path)
    again = command()
    assert again.code == 2 and snapshot(tmp_path) == before
    expected = "error: --output: tiny-grid.png exists already; choose another name, or replace it with --force"
    assert error_line(again) == expected
    assert command("--force").code == 0


def test_files_hold_the_images_of_the_library(command, run_folder):
    assert command("--format=png", "--num=11", "--seed=4", "--batch_size=3").code == 0
    assert command("--num=11", "--seed=4", "--output=a.npz").code == 0
    model = load(run_folder)
    expected, labels = model.sample(11, seed=4), model.label_numbers(None, 11, 4)
    with np.load("a.npz") as found:
        np.testing.assert_array_equal(found["arr_0"], expected)
        np.testing.assert_array_equal(found["arr_1"], labels)
    for index, label in enumerate(labels):
        np.testing.assert_array_equal(pixels(f"tiny-samples/{label}/{index:06d}.png"), expected[index, :, :, 0])
    record = json.loads(open("tiny-samples/samples.json").read())
    assert (record["count"], record["seed"], record["step"], record["weights"]) == (11, 4, 2, "ema")
    assert record["labels"] == "classes drawn as for scores"


def test_chosen_classes_and_seeds(command, run_folder):
    done = command("--format=png", "--num=4", "--classes=7,3", "--flat", "--output=a")
    assert "4 images, classes 7, 3 by turns, averaged weights" in done.out
    model = load(run_folder)
    for index, label in ((7, 7), (3, 3), (17, 7), (13, 3)):
        expected = model.sample(1, label, indices=[index])[0, :, :, 0]
        np.testing.assert_array_equal(pixels(f"a/{index:06d}_{label}.png"), expected)
    assert command("--format=png", "--seeds=2,5", "--classes=7,3", "--output=b", "--step=1", "--weights=raw").code == 0
    raw = load(run_folder, 1, weights="raw")
    for seed in (2, 5):
        for label in (7, 3):
            expected = raw.sample(1, label, seed)[0, :, :, 0]
            np.testing.assert_array_equal(pixels(f"b/{label}/seed{seed}.png"), expected)


@pytest.mark.parametrize(
    "arguments, outputs, line",
    [
        (["--style_of=3", "--classes=1,2", "--columns=4"], ["tiny-style3.png"], "picture of "),
        (["--truncation=0.4:1:0.3", "--columns=3"], ["tiny-truncation.png"], "picture of "),
        (["--interpolate=classes", "--classes=1,2", "--seeds=0-1"], ["tiny-classes.png"], "picture of "),
        (["--interpolate=latents", "--format=gif", "--frames=3"], ["tiny-latents.gif"], "4 frames of "),
        (["--interpolate=latents", "--format=png", "--frames=3"], ["tiny-latents"], "3 frames of "),
        (
            ["--neighbours=2", "--num=5", "--network=digits", "--num_real=40"],
            ["tiny-neighbours.csv", "tiny-neighbours.png"],
            "% of 5 samples are nearer to a training image than ",
        ),
    ],
    ids=["style", "sweep", "classes", "gif", "frames", "neighbours"],
)
def test_kinds_of_pictures(command, tmp_path, arguments, outputs, line):
    done = command(*arguments)
    assert done.code == 0, done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == outputs and line in done.out
    for name in outputs:
        if name.endswith(".png"):
            assert pixels(name).std() > 5


def test_frames_record_the_way_that_they_show(command):
    assert command("--interpolate=latents", "--classes=7,3", "--frames=3", "--format=png", "--output=a").code == 0
    record = json.loads(open("a/samples.json").read())
    assert (record["labels"], record["seeds"], record["frames"]) == ("7, 3", [0, 1], 3)
    assert command("--interpolate=classes", "--classes=7,3,1", "--frames=3", "--format=png", "--output=b").code == 0
    record = json.loads(open("b/samples.json").read())
    assert (record["labels"], record["seeds"], record["frames"]) == ("from class 7 to 3 to 1", [0], 3)


def test_projection_writes_the_latent(command, tmp_path):
    assert command("--format=png", "--num=1", "--seed=5", "--flat", "--output=a").code == 0
    [path] = (tmp_path / "a").glob("*.png")
    done = command(f"--project={path}", "--iterations=3", "--classes=7", "--output=new/b.png")
    assert done.code == 0 and "root mean squared error 0." in done.out and "written: new/b.png, new/b.npz" in done.out
    with np.load("new/b.npz") as found:
        assert found["latents"].shape == (1, 6) and found["label"] == 7
    Image.new("L", (20, 10)).save("small.png")
    refused = command("--project=small.png")
    assert "expected a picture of 32x32 pixels" in error_line(refused) and refused.code == 2
    assert command("--project=small.png", "--iterations=1", "--resize").code == 0


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--classes=eleven"], "error: --classes: expected classes from 0 to 9, got 'eleven'"),
        (
            ["--neighbours=40", "--network=digits", "--num_real=40"],
            "error: --neighbours: expected fewer than the 40 training images, got 40",
        ),
        (["--interpolate=classes"], "--interpolate=classes: expected two or more --classes"),
        (
            ["--interpolate=latents", "--seeds=1"],
            "error: --interpolate=latents: expected two or more --seeds .*, got 1",
        ),
        (["--step=9"], "error: --step: expected one of 0, 1, 2 .*, got 9"),
        (["--output=a.jpg"], r"--output: expected a name that ends in .png \(--format=picture\), got a.jpg"),
        (["--project=nothing.png"], "--project: expected a picture, there is no nothing.png"),
        (["--output=.", "--format=png", "--force"], "--output: . has no samples.json, so it may hold other files"),
        (["--columns=3", "--seeds=1-2"], "--columns: each of --seeds is a column"),
    ],
    ids=["class", "neighbours", "classes", "seeds", "step", "suffix", "picture", "folder", "columns"],
)
def test_bad_input_is_one_line_and_writes_nothing(command, tmp_path, arguments, message):
    done = command(*arguments)
    assert done.code == 2 and re.search(message, error_line(done))
    assert not list(tmp_path.iterdir())


def test_a_binding_that_changes_no_sample_is_named(command):
    done = command("--gin_bindings=kid.max_block_size = 5", "--truncation=none")
    assert done.code == 0 and "bound but not used by this command: kid.max_block_size" in done.out


def test_neighbours_of_chosen_classes_are_those_of_images_in_files(command):
    chosen = "--classes=3,8"
    assert command(chosen, "--neighbours=2", "--num=4", "--network=digits", "--num_real=40", "--output=n.png").code == 0
    rows = [line.split(",") for line in open("n.csv").read().splitlines()[1:]]
    assert [row[1] for row in rows[::2]] == ["3: 3", "8: 8", "13: 3", "18: 8"]
    assert command(chosen, "--num=4", "--format=png", "--output=files").code == 0
    for number, name in ((3, "000003"), (8, "000008"), (3, "000013"), (8, "000018")):
        assert pixels(f"files/{number}/{name}.png").shape == (32, 32)


def test_what_is_no_model(tmp_path):
    for path, message in ((tmp_path / "nothing", "--model_dir: expected the folder"), (tmp_path, "holds neither")):
        err = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(err):
            code = sample.main([f"--model_dir={path}"])
        assert code == 2 and message in err.getvalue() and str(path) in err.getvalue()


def test_images_that_the_discriminator_accepts(command, run_folder):
    done = command("--drs=70", "--drs_burn_in=24", "--num=6", "--format=npz", "--seed=3")
    assert done.code == 0 and re.search(r"^DRS: 6 of \d+ candidates accepted \(\d+\.\d %\)$", done.out, re.MULTILINE)
    with np.load("tiny-samples.npz") as file:
        images, record = file["arr_0"], json.loads(str(file["manifest"]))
    drs = compare_gan2.DRS(percentile=70, burn_in=24)
    np.testing.assert_array_equal(images, load(run_folder).sample(6, seed=3, drs=drs))
    assert (record["drs"], record["drs_burn_in"]) == (70, 24)


def test_images_whose_latents_move(command):
    done = command("--ddls=2", "--ddls_rate=0.5", "--ddls_noise=0.5", "--columns=2", "--classes=3,8")
    assert done.code == 0 and "DRS" not in done.out
    moved = pixels("tiny-grid.png")
    assert command("--columns=2", "--classes=3,8", "--force").code == 0
    assert not np.array_equal(moved, pixels("tiny-grid.png"))


@pytest.mark.parametrize(
    "flags, message",
    [
        (["--ddls=2", "--drs=80"], "--ddls: expected --ddls or --drs, got both"),
        (["--ddls_rate=0.1"], "--ddls_rate: expected --ddls beside it"),
        (["--drs_burn_in=10"], "--drs_burn_in: expected --drs beside it"),
        (["--ddls=2", "--truncation=0.7"], "ddls: expected no truncation of latents"),
        (["--ddls=2", "--interpolate=latents"], "--ddls: belongs to a grid or --format=png and npz or --neighbours"),
        (["--drs=101"], "--drs: expected"),
        (["--ddls=0"], "--ddls: expected"),
    ],
)
def test_choices_that_are_refused(command, tmp_path, flags, message):
    done = command(*flags)
    assert done.code == 2 and message in error_line(done) and not list(tmp_path.iterdir())
