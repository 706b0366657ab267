"""The command `evaluate`: anyone's images, those of a checkpoint, and one message for whatever is wrong."""

import csv
import dataclasses
import json
import pathlib
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from support import tiny_run
from support.brisque_goldens import of_golden

from compare_gan2.command_line.evaluate_flags import EXAMPLES, parser
from compare_gan2.config.configuration import parse
from compare_gan2.datasets.sources import mnist_5k
from compare_gan2.evaluate import main
from compare_gan2.metrics import registry
from compare_gan2.metrics.classification.classifier_score import classifier_score
from compare_gan2.metrics.classification.conditional_accuracy import conditional_accuracy
from compare_gan2.metrics.distances.fid import fid
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.metrics.precision_and_recall.memorisation import memorisation
from compare_gan2.run_folder.scores import ScoresFile

DIGITS = "--network=digits"
BRISQUE = ("brisque", "brisque_standard_error", "brisque_std")


def digits(split, count=120):
    train_images, train_labels, test_images, test_labels = mnist_5k.load()
    images, labels = (train_images, train_labels) if split == "train" else (test_images, test_labels)
    return images[:count], labels[:count]


def write_classes(folder, images, labels):
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[..., 0]).save(folder / str(label) / f"{number:04}.png")
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """(folder of training digits, .npz of test digits), both with classes."""
    root = tmp_path_factory.mktemp("images")
    images, labels = digits("test")
    np.savez(root / "real.npz", images=images, labels=labels)
    return write_classes(root / "fake", *digits("train")), root / "real.npz"


@pytest.fixture(autouse=True)
def in_its_own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(capsys, *arguments):
    """(exit code, standard output, standard error) of the command."""
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def scores(path="evaluation.json"):
    return {row["metric"]: row for row in json.loads(open(path).read())["scores"]}


def refused(capsys, *arguments):
    code, out, err = run(capsys, *arguments)
    lines = [line for line in err.splitlines() if line.startswith("error: ")]
    assert code == 2 and len(lines) == 1 and "metric" not in out, err
    return lines[0]


def outputs(split):
    images, labels = digits(split)
    features, logits = feature_network("digits").features_and_logits(images / np.float32(255))
    return features, logits, labels


def test_folder_against_arrays(folders, capsys):
    fake, real = folders
    code, out, _ = run(capsys, f"--fake={fake}", f"--real={real}", "--metrics=fid,classifier_score", DIGITS)
    assert code == 0
    found = scores()
    order = np.argsort(digits("train")[1], kind="stable")  # files are read class by class
    features, logits, _ = outputs("train")
    np.testing.assert_allclose(found["fid"]["value"], fid(outputs("test")[0], features[order]), rtol=1e-5)
    np.testing.assert_allclose(found["classifier_score"]["value"], classifier_score(logits[order]), rtol=1e-5)
    assert found["fid"]["low"] < found["fid"]["value"] < found["fid"]["high"]
    same = {"num_real": 120, "num_fake": 120, "dataset": "real", "split": "none", "network": "digits", "size": "none"}
    same |= {"resize": "none", "weights": "unknown", "truncation": "unknown", "seed": 0, "settings": "none"}
    for row in found.values():
        assert row | same == row and len(row["network_checksum"]) == 64
    assert out.splitlines()[0].split() == ["metric", "value", "95", "%", "interval", "caution"]
    assert out.splitlines()[1].split()[:2] == ["fid", f"{found['fid']['value']:.6g}"]
    assert out.splitlines()[-1] == "with their protocols in evaluation.json"


def test_dataset_by_name_gives_all_three_defaults(folders, capsys):
    code, _, _ = run(capsys, f"--fake={folders[0]}", "--real=mnist_5k", "--num_real=120", DIGITS)
    assert code == 0
    found = scores()
    assert list(found) == ["fid", "classifier_score", "conditional_accuracy"]
    _, logits, labels = outputs("train")
    assert found["conditional_accuracy"]["value"] == conditional_accuracy(logits, labels)
    assert (found["fid"]["dataset"], found["fid"]["split"], found["fid"]["num_real"]) == (
        "mnist_5k",
        "test, drawn",
        120,
    )


def test_files_are_never_written_over(folders, capsys, tmp_path):
    command = (f"--fake={folders[0]}", "--metrics=classifier_score", DIGITS, "--num_fake=60")
    assert run(capsys, *command)[0] == 0
    first = (tmp_path / "evaluation.json").read_bytes()
    assert "evaluation-2.json" in run(capsys, *command)[1]
    assert (tmp_path / "evaluation.json").read_bytes() == first
    assert "--output: evaluation.json exists already" in refused(capsys, *command, "--output=evaluation.json")
    assert "--output: there is no folder absent" in refused(capsys, *command, "--output=absent/scores.json")


def test_kept_features_as_real_images(folders, capsys, tmp_path):
    fake, real = folders
    assert run(capsys, f"--fake={fake}", f"--real={real}", DIGITS, f"--cache_dir={tmp_path / 'kept'}")[0] == 0
    (kept,) = (tmp_path / "kept").glob("*.npz")
    assert run(capsys, f"--fake={fake}", f"--real={kept}", DIGITS, "--output=again.json")[0] == 0
    assert scores("again.json")["fid"] == scores()["fid"]
    message = refused(capsys, f"--fake={fake}", f"--real={kept}", DIGITS, "--num_real=50")
    assert "--num_real: got 50, but the features cached in" in message and "are of 120" in message


def test_pictures_of_metrics_are_drawn_once(folders, capsys, tmp_path):
    fake, real = folders
    command = (f"--fake={fake}", f"--real={real}", DIGITS, "--metrics=prd,fid", f"--pictures={tmp_path / 'pictures'}")
    bindings = ("--gin_bindings=prd.num_runs = 2", "--gin_bindings=prd.num_clusters = 8")
    assert run(capsys, *command, *bindings)[0] == 0
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["prd.png"]
    with Image.open(tmp_path / "pictures" / "prd.png") as picture:
        assert picture.size == (525, 525)
    assert scores()["prd_f8"]["settings"] == "num_angles=1001; num_clusters=8; num_runs=2; require_balance=True"
    assert "--pictures: " in refused(capsys, *command, *bindings)


class MeanColour(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 32, 32, 1], tf.float32)])
    def __call__(self, images):
        return {"features": tf.reduce_mean(images, [1]), "logits": tf.reduce_mean(images, [1])[..., :5]}


def test_kept_features_of_another_network_are_refused(folders, capsys, tmp_path):
    fake, real = folders
    run(capsys, f"--fake={fake}", f"--real={real}", DIGITS, f"--cache_dir={tmp_path / 'kept'}")
    (kept,) = (tmp_path / "kept").glob("*.npz")
    tf.saved_model.save(MeanColour(), str(tmp_path / "network"))
    other = ("--network=saved_model", f"--network_path={tmp_path / 'network'}")
    message = refused(capsys, f"--fake={fake}", f"--real={kept}", *other)
    assert "holds features of another protocol: network was digits, now saved_model; network_checksum was" in message
    assert run(capsys, f"--fake={fake}", f"--real={real}", *other, "--output=own.json")[0] == 0
    assert scores("own.json")["fid"]["network"] == "saved_model"


def test_pictures_of_mixed_sizes_and_stated_resizing(folders, capsys, tmp_path):
    images, _ = digits("train", 60)
    for number, image in enumerate(images):
        side = 48 + number % 3
        Image.fromarray(image[..., 0]).resize((side, side)).save(tmp_path / f"{number}.png")
    command = (f"--fake={tmp_path}", f"--real={folders[1]}", DIGITS)
    assert "--size=N resizes all to NxN" in refused(capsys, *command)
    assert run(capsys, *command, "--size=32")[0] == 0
    assert scores()["fid"]["size"] == "clean to 32"
    assert run(capsys, *command, "--size=32:tf1_bilinear", "--output=other.json")[0] == 0
    assert scores("other.json")["fid"]["size"] == "tf1_bilinear to 32"
    assert scores("other.json")["fid"]["value"] != scores()["fid"]["value"]


def save_npz(path, images, **more):
    np.savez(path, images=images, **more)
    return path


def test_what_cannot_be_scored_is_refused_in_one_line(folders, capsys, tmp_path):
    fake, real = folders
    images = digits("train")[0]
    floats = images.astype(np.float32)
    given = f"--real={real}"
    holes = floats / 255
    holes[77, 3, 3] = np.nan
    cases = {
        "--fake, --model_dir: expected one of them": [given],
        "--fake: expected a folder, an .npz file or one of mnist_5k": ["--fake=absent", given],
        "got 'mnist_6k'; did you mean mnist_5k": [f"--fake={fake}", "--real=mnist_6k"],
        "--fake: images are 28x28x1, those of --real 32x32x1; --size=N brings": [
            f"--fake={save_npz(tmp_path / 'small.npz', images[:, :28, :28])}",
            given,
        ],
        "got values from 0 to 255; divide by 255": [f"--fake={save_npz(tmp_path / 'floats.npz', floats)}", given],
        "the first is image 77 with NaN": [f"--fake={save_npz(tmp_path / 'nan.npz', holes)}", given],
        "generated images: all 120 images are constant": [
            f"--fake={save_npz(tmp_path / 'flat.npz', np.full_like(images, 7))}",
            given,
        ],
        "--metrics: expected metrics among": [f"--fake={fake}", given, "--metrics=fid,quality"],
        "got 'kidd'; did you mean kid": [f"--fake={fake}", given, "--metrics=kidd"],
        "--size: expected a resizer among tf1_bilinear, clean, tf2_bilinear, got 'cubic'": ["--size=8:cubic"],
        "--num_fake: expected 1 or more, got 0": ["--num_fake=0"],
        "unknown flag --netwok; did you mean --network": ["--netwok=digits"],
        "--metrics: 'fid' needs real images and a feature network": [f"--fake={fake}", "--metrics=fid"],
        "--metrics: 'conditional_accuracy' needs the classes that generated": [
            f"--fake={save_npz(tmp_path / 'unlabelled.npz', images)}",
            "--real=mnist_5k",
            "--metrics=conditional_accuracy",
        ],
        "141 images are asked for, there are 120": [f"--fake={fake}", given, "--num_fake=141"],
        "1001 test images are asked for, the test split has 1000": [
            f"--fake={fake}",
            "--real=mnist_5k",
            "--num_real=1001",
        ],
    }
    for message, arguments in cases.items():
        assert message in refused(capsys, *arguments, DIGITS), message
    assert "'digits' takes images of shape (32, 32, 1), got (28, 28, 1)" in refused(
        capsys, f"--fake={tmp_path / 'small.npz'}", "--metrics=classifier_score", DIGITS
    )
    assert "--network: expected one of digits, " in refused(capsys, f"--fake={fake}", given, "--network=vgg")
    missing = refused(capsys, f"--fake={fake}", given, "--network=inception_tfgan", "--network_path=absent")
    assert "feature_network.path: cannot use 'absent'" in missing
    assert not list(tmp_path.glob("*.json"))


def test_an_interrupt_writes_nothing(folders, capsys, monkeypatch, tmp_path):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("compare_gan2.evaluation.metric_values.MetricValues.add", interrupt)
    code, _, err = run(capsys, f"--fake={folders[0]}", "--metrics=classifier_score", DIGITS)
    assert code == 130 and err.endswith("error: interrupted; no scores were written\n")
    assert not list(tmp_path.glob("*.json"))


def test_an_interrupt_leaves_the_scores_that_were_finished(folders, capsys, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    fake, real = folders
    monkeypatch.setitem(registry.METRICS, "kid", dataclasses.replace(registry.METRICS["kid"], compute=interrupt))
    code, out, err = run(capsys, f"--fake={fake}", f"--real={real}", "--metrics=fid,kid,prd", DIGITS)
    assert code == 130 and err.endswith("error: interrupted; the scores that were finished are in the file\n")
    found = scores()
    assert found["fid"]["value"] > 0 and "reason" not in found["fid"] and out.count("interrupted") == 4
    assert {row["reason"] for name, row in found.items() if name != "fid"} == {"interrupted"}


def test_a_metric_that_is_not_defined_fails_beside_the_others(folders, capsys):
    fake, real = folders
    command = (f"--fake={fake}", f"--real={real}", DIGITS, "--gin_bindings=kid_of_subsets.subset_size = 121")
    code, out, _ = run(capsys, *command, "--metrics=kid_of_subsets,fid")
    assert code == 0  # one metric has a value
    assert "failed" in out and "kid_of_subsets.subset_size: expected at most 120" in out
    assert "2 of 3 rows failed, with the reason beside them" in out
    found = scores()
    assert found["kid_of_subsets"]["value"] is None and found["fid"]["value"] > 0
    assert found["kid_of_subsets"]["reason"].endswith("bind kid_of_subsets.subset_size = 60, which fits")
    assert "reason" not in found["fid"]
    code, out, _ = run(capsys, *command, "--metrics=kid_of_subsets")
    assert code == 1 and "2 of 2 rows failed" in out


def test_what_a_named_metric_lacks_is_its_failure_if_another_can_be_computed(folders, capsys):
    command = (f"--fake={folders[0]}", DIGITS, "--metrics=fid,brisque,classifier_score")
    code, out, _ = run(capsys, *command)
    found = scores()
    assert code == 0 and "4 of 5 rows failed" in out and found["classifier_score"]["value"] > 1
    assert found["fid"]["reason"] == "--metrics: 'fid' needs real images and a feature network"
    assert "brisque: expected the model of the package brisque, which is not inst" in found["brisque_std"]["reason"]


def test_brisque_of_a_folder(capsys, tmp_path, brisque_package):
    pictures = [of_golden(name, "image") for name in ("astronaut", "astronaut_64", "astronaut_64_noise")]
    for label, image in zip("abb", pictures, strict=True):
        (tmp_path / "pictures" / label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(tmp_path / "pictures" / label / f"{image.mean()}.png")
    command = ("--fake=pictures", "--metrics=brisque", "--gin_bindings=brisque.label = 1")
    code, out, _ = run(capsys, *command)
    found = scores()
    assert code == 0 and found["brisque"]["value"] == pytest.approx((22.56663730172133 + 43.34655179026842) / 2)
    assert found["brisque_standard_error"]["value"] == pytest.approx((43.34655179026842 - 22.56663730172133) / 2)
    assert found["brisque"]["settings"].startswith(
        "features=package; half_scale=bicubic; label=1; model=svm.txt (sha256"
    )
    assert "images of 64x64 pixels are small for statistics of photographs" in out


def test_all_metrics_of_images(folders, capsys):
    fake, real = folders
    quick = ("--gin_bindings=ms_ssim.batch_size = 4", "--gin_bindings=prd.num_runs = 1")
    code, out, _ = run(capsys, f"--fake={fake}", f"--real={real}", DIGITS, "--metrics=all", *quick)
    found, rows = scores(), [row for each in registry.METRICS.values() for row in each.rows]
    lacking = {name for name, each in registry.METRICS.items() if each.needs & _OF_MODELS}
    of_lacking = {row for name in lacking for row in registry.METRICS[name].rows} | {"conditional_accuracy"}
    assert code == 0 and list(found) == [row for row in rows if row not in of_lacking]
    assert {row for row in found if "reason" in found[row]} == {
        *("kid_of_subsets", "kid_of_subsets_std"),  # 1,000 images
        *BRISQUE,  # a model
    }
    assert (
        "5 of 25 rows failed" in out
        and "left out of 'all': jacobian, ppl, gilbo, which need the generator itself" in out
    )


_OF_MODELS = {"generator", "discriminator", "train_images", "training_features"}


@pytest.mark.parametrize("columns", [80, 60])
def test_the_table_fits_the_terminal(folders, capsys, monkeypatch, columns):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", str(columns))
    given = ("--metrics=kid,kid_of_subsets,classifier_score_of_splits,brisque,fid", DIGITS)
    _, out, _ = run(capsys, f"--fake={folders[0]}", f"--real={folders[1]}", *given)
    assert max(map(len, out.splitlines())) <= columns and "package brisque, which is not installed" in out.replace(
        "\n    ", " "
    )


def test_examples_of_the_help_can_be_parsed(capsys):
    for example in EXAMPLES:
        options = parser().parse_args(shlex.split(example))
        config = parse([], options.gin_bindings)
        names = options.metrics or ["fid"]
        registry.choose(names, set(registry.NEEDS), config)
        assert not config.unused and (options.fake is None) != (options.model_dir is None)
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"compare_gan2 evaluate {example}" in text for example in EXAMPLES)


def test_help_and_typos_do_without_tensorflow():
    code = "import sys; from compare_gan2.evaluate import main; code = main(sys.argv[1:]); "
    code += "assert not {'tensorflow', 'keras'} & sys.modules.keys(); sys.exit(code)"
    for arguments, expected in (
        (["--help"], 0),
        (["--fake=absent"], 2),
        (["--fake=mnist_5k", "--metrics=kidd"], 2),
        (["--nework=x"], 2),
    ):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == expected, done.stderr


def test_a_missing_class_is_named(folders, capsys, tmp_path):
    images, labels = digits("train")
    write_classes(tmp_path / "no_seven", images[labels != 7], labels[labels != 7])
    write_classes(tmp_path / "real", *digits("test"))
    message = refused(capsys, f"--fake={tmp_path / 'no_seven'}", f"--real={tmp_path / 'real'}", DIGITS)
    assert "--fake, --real: expected the same classes, only --real has 7; --classes=common compares" in message


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folder of a tiny run with scores."""
    folder = tmp_path_factory.mktemp("evaluate") / "run"
    result = tiny_run.quick(folder)
    assert result.code == 0, result.err
    return folder


def test_a_checkpoint_gets_the_scores_of_its_run(trained, capsys):
    before = tiny_run.snapshot(trained)
    expected = {row.metric: row for row in ScoresFile(trained / "scores.csv").read() if row.step == 3}
    assert run(capsys, f"--model_dir={trained}", "--step=3")[0] == 0
    found = scores()
    assert found.keys() == expected.keys()
    columns = ("num_real", "num_fake", "split", "network", "weights", "bn_statistics", "seed", "dataset")
    columns += ("network_checksum", "resize", "truncation", "label_prior", "settings", "num_runs", "checkpoint")
    for name, row in expected.items():
        assert {column: found[name][column] for column in columns} == {c: getattr(row, c) for c in columns}
        for column in ("value", "low", "high"):
            # Not to the last bit: on one busy machine 3e-11 was seen between two scorings of one checkpoint.
            assert found[name][column] == pytest.approx(getattr(row, column), rel=1e-9, abs=0)
    assert tiny_run.snapshot(trained) == before


def test_a_checkpoint_against_other_images(trained, folders, capsys):
    command = (f"--model_dir={trained}", f"--real={folders[1]}", "--metrics=fid")
    assert run(capsys, *command)[0] == 0
    assert (scores()["fid"]["num_fake"], scores()["fid"]["checkpoint"]) == (120, "model.ckpt-6")
    assert "--step: expected one of 0, 3, 6" in refused(capsys, *command, "--step=5")
    assert "--model_dir: expected the folder of a run" in refused(capsys, "--model_dir=absent", "--metrics=fid")


def test_a_curve_of_truncations(trained, folders, capsys):
    command = (f"--model_dir={trained}", f"--real={folders[1]}", "--metrics=fid,classifier_score", "--num_fake=120")
    code, out, _ = run(capsys, *command, "--truncation=0.5:1:0.5,none")
    assert code == 0 and out.splitlines()[0].split()[:2] == ["truncation", "metric"]
    assert "with their protocols in evaluation.json, evaluation.csv, evaluation.png" in out
    rows = json.loads(open("evaluation.json").read())["scores"]
    text = "normal(stddev=1.0) resampled within {}"
    assert [row["truncation"] for row in rows[::2]] == [
        text.format("0.5 deviations"),
        text.format("1 deviation"),
        "none",
    ]
    with open("evaluation.csv") as file:
        table = list(csv.DictReader(file))
    assert [(row["truncation"], row["metric"]) for row in table] == [
        (bound, metric) for bound in ("0.5", "1", "none") for metric in ("fid", "classifier_score")
    ]
    assert [float(row["value"]) for row in table] == [row["value"] for row in rows]
    assert len({row["value"] for row in rows}) == 6
    with Image.open("evaluation.png") as picture:
        assert picture.size == (1440, 384)
    assert run(capsys, *command, "--truncation=1", "--output=one.json")[0] == 0
    assert scores("one.json")["fid"]["value"] == rows[2]["value"]  # the same images, alone
    assert run(capsys, *command, "--output=whole.json")[0] == 0
    assert scores("whole.json")["fid"] == rows[4]
    assert "evaluation-2" not in " ".join(path.name for path in pathlib.Path().iterdir())
    assert "evaluation-2.csv" in run(capsys, *command, "--truncation=1,2")[1]


def test_all_metrics_of_a_model(trained, capsys):
    bindings = ["kid_of_subsets.subset_size = 60", "ms_ssim.batch_size = 4", "prd.num_runs = 1", "ppl.num_paths = 64"]
    bindings += ["gilbo.num_steps = 5", "gilbo.num_images = 64", "jacobian.num_images = 2"]
    command = (f"--model_dir={trained}", "--num_real=120", "--images_in_order")
    command += tuple(f"--gin_bindings={line}" for line in bindings)
    code, out, _ = run(capsys, *command, "--metrics=all", "--gin_bindings=fractal_dimension.num_seeds = 20")
    assert code == 0 and "left out" not in out
    found, rows = scores(), set(registry.all_rows()) - set(registry.own_names())
    assert set(found) == rows and not {row for row in found if "reason" in found[row]} - set(BRISQUE)
    assert found["ppl"]["low"] < found["ppl"]["value"] < found["ppl"]["high"]
    assert found["ppl"]["network"] == "digits" and found["gilbo"]["network"] == ""
    test = outputs("test")[0]
    assert (found["copied"]["num_real"], found["rarity"]["settings"]) == (120, "neighbours=3")
    # With all training images, not with as many as generated ones.
    features = feature_network("digits").features_and_logits(mnist_5k.load()[0] / np.float32(255))[0]
    assert memorisation(features, test, test).copied_held_out == found["copied_held_out"]["value"]


def test_a_run_is_scored_by_all_metrics(tmp_path):
    quick = {"gilbo.num_steps": 2, "gilbo.num_images": 64, "ppl.num_paths": 64, "jacobian.num_images": 1}
    quick |= {"evaluation.num_real": 64, "ms_ssim.batch_size": 4, "prd.num_runs": 1, "fractal_dimension.num_seeds": 9}
    quick |= {"kid_of_subsets.subset_size": 32, "kid.max_block_size": 1, "options.training_steps": 1}
    given = {name.replace(".", "__"): value for name, value in quick.items()}
    result = tiny_run.quick(tmp_path / "run", "--metrics=all", "--schedule=eval_after_train", **given)
    assert result.code == 2 and "kid.max_block_size: expected a whole number" in result.err  # a mistake is refused
    del given["kid__max_block_size"]
    given["density_coverage__neighbours"] = 64  # as many as images: no such neighbour
    result = tiny_run.quick(tmp_path / "run", "--metrics=all", "--schedule=eval_after_train", **given)
    assert result.code == 0, result.err
    found = {score.metric: score for score in ScoresFile(tmp_path / "run" / "scores.csv").read() if score.step == 1}
    assert found.keys() == registry.all_rows().keys() - registry.own_names().keys()
    failed = {row for row, score in found.items() if score.has_failed}
    assert failed == {"density", "coverage", *BRISQUE}
    assert "density_coverage.neighbours: expected 1 to 63" in found["density"].reason


def test_truncations_that_cannot_be(trained, folders, capsys):
    of_run = (f"--model_dir={trained}", "--metrics=fid")
    for arguments, message in (
        ((f"--fake={folders[0]}", "--truncation=1"), "--truncation: images that exist cannot be truncated"),
        ((*of_run, "--truncation=0:1:0.5"), "--truncation: expected numbers above 0, got '0:1:0.5'"),
        ((*of_run, "--truncation=1:0.5:0.1"), "--truncation: expected a number, LOW:HIGH:STEP or none, got"),
        ((*of_run, "--truncation=1,1.0"), "--truncation: expected different numbers, got '1,1.0'"),
        ((*of_run, "--truncation=0.1:1:0.001"), "--truncation: expected at most 100 numbers, got"),
        ((*of_run, "--truncation=half"), "--truncation: expected a number, got 'half'"),
        ((*of_run, "--truncation=1,2", "--output=a.csv"), "--output: expected a name that does not end with .csv or"),
    ):
        assert message in refused(capsys, *arguments), message


def test_the_run_of_a_stranger_imports_nothing_unasked(trained, folders, capsys, tmp_path, monkeypatch):
    folder = shutil.copytree(trained, tmp_path / "run")
    for record in folder.glob("operative_config-*.gin"):
        record.write_text(f"import of_a_stranger\n{record.read_text()}")
        (folder / f".{record.name}.sha256").unlink(missing_ok=True)
    (tmp_path / "of_a_stranger.py").write_text("import pathlib\npathlib.Path(__file__).with_name('canary').touch()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    command = (f"--model_dir={folder}", f"--real={folders[1]}", "--metrics=fid")
    message = refused(capsys, *command)
    assert (
        "line 1: import of_a_stranger: a module runs with all your rights" in message and "--allow_imports" in message
    )
    assert not (tmp_path / "canary").exists()
    try:
        assert run(capsys, *command, "--allow_imports")[0] == 0 and (tmp_path / "canary").exists()
    finally:
        sys.modules.pop("of_a_stranger", None)
