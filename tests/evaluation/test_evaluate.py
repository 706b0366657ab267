"""`compare_gan2.evaluate` as a library: any form of images in, scores with protocol out, nothing left behind."""

import json
import types

import numpy as np
import pytest
from PIL import Image
from support import tiny_run

import compare_gan2
from compare_gan2 import metrics
from compare_gan2.datasets.sources import mnist_5k
from compare_gan2.evaluate import main
from compare_gan2.evaluation.evaluate import evaluate
from compare_gan2.ground.errors import ConfigError, DataError
from compare_gan2.metrics.networks import efficientnet_lite
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.run_folder.scores import Score, ScoresFile

COUNT = 120
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = mnist_5k.load()
FAKE, REAL = (TRAIN_IMAGES[:COUNT], TRAIN_LABELS[:COUNT]), (TEST_IMAGES[:COUNT], TEST_LABELS[:COUNT])


def values(scores):
    return {score.metric: score.value for score in scores}


def outputs(images):
    return feature_network("digits").features_and_logits(images / np.float32(255))


def test_arrays_in_and_a_list_of_scores_out(capfd):
    found = evaluate(FAKE, REAL, metrics=["fid", "kid"], network="digits")
    assert [type(score) for score in found] == [Score] * 3
    real, fake = outputs(REAL[0])[0], outputs(FAKE[0])[0]
    expected = metrics.kid(real, fake)
    np.testing.assert_allclose(values(found)["fid"], metrics.fid(real, fake), rtol=1e-5)
    np.testing.assert_allclose(values(found)["kid"], expected.mean, rtol=1e-4)
    fid, _, error = found
    assert (error.metric, error.value) == ("kid_standard_error", None)
    assert not error.reason and "not defined for a single block; kid.max_block_size = " in error.caution
    assert (fid.checkpoint, fid.step, fid.std, fid.num_runs) == ("arrays", None, None, 1)
    assert (fid.num_real, fid.num_fake, fid.dataset, fid.split, fid.size) == (COUNT, COUNT, "arrays", "none", "none")
    assert (fid.network, fid.resize, fid.settings, fid.seed) == ("digits", "none", "none", 0)
    assert (fid.weights, fid.bn_statistics, fid.truncation, fid.label_prior) == ("unknown",) * 4
    assert fid.low < fid.value < fid.high and len(fid.network_checksum) == 64
    out, err = capfd.readouterr()
    assert not out and "images/s" not in err


def test_two_calls_with_different_bindings_do_not_know_each_other():
    def kid(*bindings):
        return evaluate(FAKE, REAL, metrics=["kid"], network="digits", bindings=bindings)

    first, again, default = kid("kid.max_block_size = 30"), kid("kid.max_block_size = 60"), kid()
    assert [scores[0].settings for scores in (first, again, default)] == [
        "images_in_order=False; max_block_size=30",
        "images_in_order=False; max_block_size=60",
        "images_in_order=False; max_block_size=1024",
    ]
    assert len({scores[0].value for scores in (first, again, default)}) == 3
    assert values(kid("kid.max_block_size = 30")) == values(first)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """{form: the same generated images and labels in it}."""
    root = tmp_path_factory.mktemp("forms")
    order = np.argsort(FAKE[1], kind="stable")  # of a folder, which is read class by class
    images, labels = FAKE[0][order], FAKE[1][order]
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        (root / "folder" / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[..., 0]).save(root / "folder" / str(label) / f"{number:04}.png")
    np.savez(root / "file.npz", images=images, labels=labels)
    return {
        "folder": root / "folder",
        "file": str(root / "file.npz"),
        "bytes": (images, labels),
        "floats": (images.astype(np.float32) / np.float32(255), list(labels)),
    }


def test_every_form_of_images_gets_the_same_scores(stored):
    found = {form: evaluate(given, "mnist_5k", num_real=COUNT, network="digits") for form, given in stored.items()}
    expected = values(found["bytes"])
    assert list(expected) == ["fid", "classifier_score", "conditional_accuracy"]
    for form, scores in found.items():
        assert values(scores) == expected, form
        assert {(score.dataset, score.split) for score in scores} == {("mnist_5k", "test, drawn")}
        assert {score.images for score in scores} == {"drawn: real"}
        assert {score.pixels for score in scores} == {"as_stored" if form == "folder" else "none"}
    unlabelled = evaluate(stored["bytes"][0], "mnist_5k", num_real=COUNT, network="digits")
    assert list(values(unlabelled)) == ["fid", "classifier_score"]


def test_which_part_is_scored_is_drawn_or_in_order_and_in_the_protocol(stored):
    options = {"metrics": ["fid"], "network": "digits", "num_fake": 40}

    def scored(**more):
        (score,) = evaluate(stored["bytes"], "mnist_5k", num_real=COUNT, **options | more)
        return score

    drawn, other, first = scored(seed=1), scored(seed=2), scored(images_in_order=True)
    assert drawn.value == scored(seed=1).value
    assert len({drawn.value, other.value, first.value}) == 3
    assert (drawn.images, drawn.split, drawn.seed, drawn.num_fake) == ("drawn: real, fake", "test, drawn", 1, 40)
    assert (first.images, first.split) == ("in order: real, fake", "test")


def test_one_set_of_images_in_every_container_gets_the_same_scores(stored, tmp_path):
    (tmp_path / "flat").mkdir()
    for path in stored["folder"].glob("*/*.png"):
        (tmp_path / "flat" / path.name).write_bytes(path.read_bytes())
    chosen = {"metrics": ["fid", "kid_of_subsets", "precision_recall"], "network": "digits"}
    images, labels = stored["bytes"]
    np.savez(tmp_path / "set.npz", images=images, labels=labels, test_images=images[:1], test_labels=labels[:1])
    chosen["bindings"] = ["kid_of_subsets.subset_size = 30", f"arrays.path = '{tmp_path / 'set.npz'}'"]
    forms = [tmp_path / "flat", stored["folder"], stored["file"], stored["bytes"], "arrays"]
    found = [values(evaluate(FAKE, form, split="train", **chosen)) for form in forms]
    assert len(found[0]) > 3 and all(scores == found[0] for scores in found)


def test_a_moved_picture_has_the_class_of_its_new_folder(stored, tmp_path):
    for label in (0, 1):
        (tmp_path / str(label)).mkdir()
        for path in (stored["folder"] / str(label)).glob("*.png"):
            (tmp_path / str(label) / path.name).write_bytes(path.read_bytes())
    mask = stored["bytes"][1] < 2
    fake, options = tuple(array[mask] for array in stored["bytes"]), {"metrics": ["intra_class_fid"]}
    options |= {"network": "digits", "cache_dir": tmp_path.parent / "cache"}
    right = values(evaluate(fake, tmp_path, **options))
    for path in sorted((tmp_path / "0").glob("*.png"))[:5]:
        path.rename(tmp_path / "1" / path.name)
    moved = values(evaluate(fake, tmp_path, **options))
    expected = values(evaluate(fake, tmp_path, **options | {"cache_dir": tmp_path.parent / "other"}))
    assert moved == expected != right


def test_the_command_and_the_library_agree(stored, tmp_path):
    output = tmp_path / "scores.json"
    assert main([f"--fake={stored['file']}", "--real=mnist_5k", "--network=digits", f"--output={output}"]) == 0
    rows = json.loads(output.read_text())["scores"]
    for row, score in zip(rows, evaluate(stored["file"], "mnist_5k", network="digits"), strict=True):
        assert row == {name: getattr(score, name) for name in row} and "reason" not in row and "checkpoint" not in row


def test_names_of_datasets_on_both_sides_and_resizing():
    (fid,) = evaluate("mnist_5k", "mnist_5k", metrics=["fid"], num_real=90, num_fake=COUNT, network="digits")
    assert (fid.num_real, fid.num_fake, fid.dataset, fid.checkpoint) == (90, COUNT, "mnist_5k", "mnist_5k")
    small = FAKE[0][:, ::2, ::2]
    (resized,) = evaluate(small, REAL[0], metrics=["fid"], network="digits", size=32)
    assert resized.size == "clean to 32"
    (other,) = evaluate(small, REAL[0], metrics=["fid"], network="digits", size=(32, "tf1_bilinear"))
    assert other.size == "tf1_bilinear to 32" and other.value != resized.value


def test_a_metric_that_fails_has_a_reason_and_harms_no_other():
    found = evaluate(
        FAKE, REAL, metrics=["kid_of_subsets", "fid"], network="digits", bindings=["kid_of_subsets.subset_size = 121"]
    )
    assert [score.value is None for score in found] == [True, True, False]
    assert found[0].reason.startswith("kid_of_subsets.subset_size: expected at most 120")


def test_pictures_are_drawn_once(tmp_path):
    given = {"metrics": ["prd"], "network": "digits", "bindings": ["prd.num_runs = 1"], "pictures": tmp_path / "made"}
    evaluate(FAKE, REAL, **given)
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["prd.png"]
    with pytest.raises(ConfigError, match="pictures: .*prd.png exists already"):
        evaluate(FAKE, REAL, **given)


def test_messages_are_shown_only_if_asked_for(capfd):
    given = {"metrics": ["classifier_score"], "network": "digits", "bindings": ["prd.num_runs = 1"]}
    evaluate(FAKE, **given)
    assert capfd.readouterr().out == ""
    evaluate(FAKE, **given, verbose=True)
    out, err = capfd.readouterr()
    assert out == "warning: bound but not used by this evaluation: prd.num_runs\n"
    assert "arrays: generated images: 120/120 images" in err


@pytest.mark.parametrize(
    ("fake", "real", "options", "error", "message"),
    [
        ("absent", None, {}, DataError, "fake: expected a folder, an .npz file or one of mnist_5k, .* got 'absent'"),
        (FAKE, "mnist5k", {}, DataError, "real: .* got 'mnist5k'; did you mean mnist_5k"),
        (7, None, {}, DataError, "fake: expected a path, the name of a dataset, an array .* got int"),
        (FAKE[0].astype(np.float32), None, {}, DataError, "fake: .*from 0 to 255; divide by 255"),
        (FAKE, REAL, {"metrics": []}, ConfigError, "metrics: expected names of different metrics"),
        (FAKE, REAL, {"metrics": ["kidd"]}, ConfigError, "metrics: .* got 'kidd'; did you mean kid"),
        (FAKE, REAL, {"size": (32, "cubic")}, ConfigError, "size: expected a side .* a resizer among tf1_bilinear"),
        (FAKE, REAL, {"size": 0}, ConfigError, "size: expected a side of at least 1 pixel"),
        (FAKE, REAL, {"bindings": ["kid.block_size = 5"]}, ConfigError, "kid.*block_size.*did you mean max_block_size"),
        (FAKE, REAL, {"network": "vgg"}, ConfigError, "network: expected one of 'digits'"),
        (FAKE, None, {"metrics": ["fid"]}, ConfigError, "metrics: 'fid' needs real images and a feature network"),
        (FAKE, REAL, {"num_fake": 121}, ConfigError, "fake: 121 images are asked for, there are 120"),
    ],
)
def test_what_cannot_be_scored_is_a_typed_error(fake, real, options, error, message):
    with pytest.raises(error, match=message):
        evaluate(fake, real, **({"network": "digits"} | options))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folder of a tiny run with scores."""
    folder = tmp_path_factory.mktemp("evaluate") / "run"
    result = tiny_run.quick(folder)
    assert result.code == 0, result.err
    return folder


def test_a_loaded_model_gets_the_scores_of_its_run(trained):
    model = compare_gan2.load(trained, step=3)
    before = dict(model.sampler.config.record)
    expected = {row.metric: row for row in ScoresFile(trained / "scores.csv").read() if row.step == 3}
    for score in compare_gan2.evaluate(model):
        row = expected.pop(score.metric)
        assert score.value == pytest.approx(row.value, rel=1e-9, abs=0)
        numbers = ("value", "std", "low", "high", "code_version", "classes")  # the last is no column of a run
        assert {k: v for k, v in vars(score).items() if k not in numbers} == {
            k: v for k, v in vars(row).items() if k not in numbers
        }
    assert not expected
    (kid,) = [s for s in evaluate(model, REAL[0], metrics=["kid"], bindings=["kid.max_block_size = 50"])][:1]
    assert (kid.settings, kid.dataset, kid.checkpoint, kid.num_fake) == (
        "images_in_order=False; max_block_size=50",
        "arrays",
        "model.ckpt-3",
        120,
    )
    assert model.sampler.config.record == before  # nothing of an evaluation stays with the model


def test_saved_networks_are_referred_to_their_images():
    model = types.SimpleNamespace(sampler=types.SimpleNamespace(generator=None))
    with pytest.raises(ConfigError, match=r"fake: expected the model of a run; .* evaluate\(\(model.sample\("):
        evaluate(model, REAL)


def test_orders_of_the_images_give_equal_scores():
    names = ["fid", "kid", "classifier_score_of_splits", "prd", "ms_ssim"]
    bindings = ["kid.max_block_size = 30", "prd.num_runs = 1", "ms_ssim.num_batches = 1"]

    def scores(fake, real):
        found = evaluate(fake, real, metrics=names, network="digits", bindings=bindings)
        return [(score.metric, score.value, score.low, score.high, score.caution) for score in found]

    expected = scores(FAKE, REAL)
    random = np.random.RandomState(3)
    for _ in range(2):
        one, two = random.permutation(COUNT), random.permutation(COUNT)
        fake, real = ([array[order] for array in images] for images, order in ((FAKE, one), (REAL, two)))
        assert scores(tuple(fake), tuple(real)) == expected


def photographs(count, seed):
    """uint8 [count, 24, 24, 3]: smooth colours with noise."""
    random = np.random.RandomState(seed)
    smooth = random.uniform(size=(count, 6, 6, 3)).repeat(4, axis=1).repeat(4, axis=2)
    return np.uint8(255 * (0.8 * smooth + 0.2 * random.uniform(size=(count, 24, 24, 3))))


@pytest.fixture
def never_downloaded(monkeypatch, tmp_path):
    """A machine that has no Inception."""
    for name in ("KERAS_HOME", "TFHUB_CACHE_DIR"):
        monkeypatch.setenv(name, str(tmp_path))


def test_colour_pictures_have_a_network_without_binding_one(never_downloaded):
    kernel, _ = evaluate(photographs(9, 0), photographs(9, 1), metrics=["kid"])
    assert (kernel.metric, kernel.network, kernel.resize) == ("kernel_distance", "efficientnet_lite0", "clean")


def test_all_metrics_without_a_network_are_those_that_need_none(never_downloaded, monkeypatch, capsys):
    monkeypatch.setattr(efficientnet_lite, "is_installed", lambda name: False)
    found = evaluate(photographs(9, 0), metrics="all", bindings={"ms_ssim.batch_size": 4}, verbose=True)
    assert "ms_ssim" in values(found) and not {score.network for score in found} - {""}
    assert "feature_network.name: none is bound" in capsys.readouterr().out
    with pytest.raises(ConfigError, match="feature_network.name: none is bound"):
        evaluate(photographs(9, 0), photographs(9, 1), metrics="fid")


def test_distances_of_few_colour_pictures_have_cautions(never_downloaded):
    asked = ["fid", "kid", "classifier_score", "ms_ssim"]
    found = evaluate(photographs(30, 0), photographs(40, 1), metrics=asked, bindings={"ms_ssim.batch_size": 8})
    assert list(values(found)) == [
        *("frechet_distance", "kernel_distance", "kernel_distance_standard_error", "classifier_score", "ms_ssim"),
    ]
    distance, kernel, *_, similarity = found
    assert (distance.network, distance.resize, distance.network_checksum[:8]) == (
        "efficientnet_lite0",
        "clean",
        "57934424",
    )
    assert distance.value > 0 and kernel.value is not None and similarity.network == ""
    assert "40 real images are too few for the covariance of 1280 features" in distance.caution
    assert "30 generated images are too few for the covariance of 1280 features" in distance.caution
