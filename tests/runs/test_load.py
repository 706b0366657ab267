"""`compare_gan2.load`: a model from a run's folder or from saved networks."""

import json

import keras
import numpy as np
import pytest
from support.trained_run import images_of

import compare_gan2
from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.runs.load import as_lines, load


@pytest.mark.parametrize(
    "bindings, lines",
    [
        (None, []),
        ({}, []),
        ("options.z_dim = 3", ["options.z_dim = 3"]),
        (["options.z_dim = 3", "loss.fn = @hinge"], ["options.z_dim = 3", "loss.fn = @hinge"]),
        ({"options.z_dim": 3, "labels.fraction": 0.05}, ["options.z_dim = 3", "labels.fraction = 0.05"]),
        ({"loss.fn": "@hinge", "options.z_dim": "%size"}, ["loss.fn = @hinge", "options.z_dim = %size"]),
        ({"dataset.name": "mnist_5k", "a.b": None}, ["dataset.name = 'mnist_5k'", "a.b = None"]),
        ({"evaluation.metrics": ["fid"]}, ["evaluation.metrics = ['fid']"]),
    ],
)
def test_bindings_are_lines(bindings, lines):
    assert as_lines(bindings) == lines
    parse([], [line for line in lines if line[:4] != "a.b " and "%" not in line])


def test_a_model_of_a_run(trained):
    model = load(trained.files.path)
    assert (model.step, model.weights, model.image_shape, model.z_dim, model.num_classes) == (
        2,
        "ema",
        (32, 32, 1),
        6,
        10,
    )
    assert model.class_names == tuple("0123456789")
    images = model.sample(4, labels=7, dtype="float32")
    assert images.shape == (4, 32, 32, 1)
    np.testing.assert_array_equal(images, model.sample(4, labels="7", dtype="float32"))
    first = load(str(trained.files.path), step=1)
    assert first.step == 1 and np.abs(first.sample(4, labels=7, dtype="float32") - images).max() > 1e-4


def test_averaged_or_raw_weights(trained):
    averaged, raw = (load(trained.files.path, weights=weights) for weights in ("ema", "raw"))
    assert (averaged.weights, raw.weights) == ("ema", "raw")
    images = [model.sample(4, labels=7, dtype="float32") for model in (load(trained.files.path), averaged, raw)]
    np.testing.assert_array_equal(images[0], images[1])
    assert np.abs(images[0] - images[2]).max() > 1e-4
    without = load(trained.files.path, bindings={"ModularGAN.g_use_ema": False})
    np.testing.assert_array_equal(without.sample(4, labels=7, dtype="float32"), images[2])


def test_weights_that_a_run_does_not_have(trained):
    with pytest.raises(ConfigError, match="weights: .* has no averaged weights .* take 'raw'"):
        load(trained.files.path, bindings={"ModularGAN.g_use_ema": False}, weights="ema")
    with pytest.raises(ConfigError, match="weights: expected one of 'ema', 'raw' or None, got 'best'"):
        load(trained.files.path, weights="best")


@pytest.mark.parametrize("batch_size", [1, 3, 24, 200])
def test_images_do_not_depend_on_batches_or_counts(trained, batch_size):
    model = load(trained.files.path)
    expected = model.sample(70, seed=1, dtype="float32")
    found = [images for images, _ in model.batches(70, seed=1, dtype="float32", batch_size=batch_size)]
    np.testing.assert_array_equal(np.concatenate(found), expected)
    np.testing.assert_array_equal(model.sample(3, seed=1, dtype="float32"), expected[:3])
    labels = model.label_numbers(None, 70, 1)[[61, 5, 9]]
    np.testing.assert_array_equal(
        model.sample(3, labels, seed=1, dtype="float32", indices=[61, 5, 9]), expected[[61, 5, 9]]
    )


def test_its_discriminator_judges(trained):
    images, labels = images_of(trained, 2)
    logits = load(trained.files.path).discriminate(images, labels)
    np.testing.assert_allclose(logits, trained.sampler.discriminate(images, labels), atol=1e-5)
    with pytest.raises(ConfigError, match="predict_labels: the model has no predictor of labels"):
        load(trained.files.path).predict_labels(images)


def test_its_judge_is_the_discriminator_of_the_checkpoint(trained):
    images, labels = images_of(trained, 2)
    sampler = load(trained.files.path).sampler
    logits = sampler.judge()(images, np.eye(10, dtype=np.float32)[labels], training=False).logits[:, 0]
    np.testing.assert_allclose(logits, trained.sampler.discriminate(images, labels), atol=1e-5)
    assert np.ptp(logits) > 1e-3


def test_bindings_win_over_the_run(trained):
    model = load(trained.files.path, bindings={"standing_statistics.num_samples": 128})
    assert model.sampler.standing_samples == 128


def test_the_generators_of_the_process_stay_as_they_are(trained):
    np.random.seed(3)
    expected = np.random.random_sample(2)
    np.random.seed(3)
    before = np.random.random_sample()
    load(trained.files.path).sample(2)
    np.testing.assert_array_equal([before, np.random.random_sample()], expected)


def test_two_models_side_by_side(trained):
    models = [load(trained.files.path, step) for step in (1, 2)]
    first = [model.sample(3, labels=1, dtype="float32") for model in models]
    again = [model.sample(3, labels=1, dtype="float32") for model in reversed(models)]
    np.testing.assert_array_equal(first, again[::-1])
    assert np.abs(first[0] - first[1]).max() > 1e-4


@pytest.fixture
def saved(trained, tmp_path):
    """Folder with the networks of the last checkpoint as Keras files."""
    images_of(trained, 2)
    sampler = trained.sampler
    sampler.discriminate(np.zeros([1, 32, 32, 1], np.float32), np.zeros([1], np.int32))
    folder = tmp_path / "saved"
    folder.mkdir()
    sampler.generator.save(folder / "generator.keras")
    sampler.gan.discriminator.save(folder / "discriminator.keras")
    (folder / "module.json").write_text(json.dumps({"weights": "ema"}))
    return folder


def test_a_model_of_saved_networks(saved, trained):
    model = load(saved)
    assert (model.step, model.weights, model.image_shape, model.z_dim, model.num_classes) == (
        None,
        "ema",
        (32, 32, 1),
        6,
        10,
    )
    vectors = np.eye(10, dtype=np.float32)[[7] * 70]
    latents = np.random.RandomState(0).standard_normal([70, 6]).astype(np.float32)
    expected = trained.sampler.generate(latents, vectors)
    np.testing.assert_allclose(model.sampler.generate(latents, vectors), expected, atol=1e-5)
    images, labels = images_of(trained, 2)
    expected = trained.sampler.gan.discriminator(images, np.eye(10, dtype=np.float32)[labels]).logits[:, 0]
    np.testing.assert_allclose(model.discriminate(images, labels), expected, atol=1e-4)
    with pytest.raises(ConfigError, match="predict_labels: the saved networks have no predictor of labels"):
        model.predict_labels(images)
    with pytest.raises(ConfigError, match="weights: expected 'ema', which .* holds, got 'raw'"):
        load(saved, weights="raw")
    alone = load(saved / "generator.keras")
    np.testing.assert_array_equal(alone.sample(2, labels=1), model.sample(2, labels=1))


def test_without_a_discriminator_nothing_can_be_judged(saved):
    (saved / "discriminator.keras").unlink()
    with pytest.raises(ConfigError, match=f"discriminate: there is no discriminator.keras in {saved}"):
        load(saved).discriminate(np.zeros([1, 32, 32, 1]), 0)


def test_a_network_without_statistics_is_refused(trained, tmp_path):
    generator = trained.model.spec.make()
    generator.build_generator()
    generator.generator.save(tmp_path / "generator.keras")
    with pytest.raises(ConfigError, match="batch norm of the generator in .* has no statistics"):
        load(tmp_path)


def test_a_damaged_network_is_named(saved):
    path = saved / "generator.keras"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DamagedFileError, match=f"{path}: cannot be read as a Keras network"):
        load(saved)


def test_a_network_that_holds_code_is_refused(saved):
    path = saved / "generator.keras"
    keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda x: x, output_shape=(4,))]).save(path)
    with pytest.raises(DamagedFileError, match=f"{path}: holds a Lambda, which can execute code"):
        load(saved)
    (saved / "generator.h5").write_bytes(b"")
    with pytest.raises(
        DamagedFileError, match="generator.h5: cannot be read as a Keras network: expected a .keras file"
    ):
        load(saved / "generator.h5")


def test_a_damaged_record_is_named(saved):
    for text in ("[", "[1, 2]", "[" * 100_000):
        (saved / "module.json").write_text(text)
        with pytest.raises(DamagedFileError, match="module.json: .*delete it"):
            load(saved)


@pytest.mark.parametrize(
    "name, options, message",
    [
        (
            "missing",
            {},
            "path: expected the folder of a run, one with generator.keras, or a .keras file, there is no .*missing",
        ),
        ("", {}, "path: expected the folder of a run, one with generator.keras, or a .keras file, .* holds neither"),
    ],
)
def test_a_folder_with_neither_is_refused(tmp_path, name, options, message):
    with pytest.raises(ConfigError, match=message):
        load(tmp_path / name, **options)


def test_steps_and_bindings_are_of_runs(saved):
    for name, value in (("step", 1), ("bindings", {"options.z_dim": 3})):
        with pytest.raises(ConfigError, match=f"^{name}: belongs to runs, .* holds saved networks"):
            load(saved, **{name: value})


def test_it_is_the_function_of_the_package():
    assert compare_gan2.load is load


@pytest.mark.parametrize(
    "bindings, lines",
    [
        (
            {"labels.fraction": np.float64(0.05), "options.z_dim": np.int64(16)},
            ["labels.fraction = 0.05", "options.z_dim = 16"],
        ),
        ({"tfds.names": np.array([1, 2])}, ["tfds.names = [1, 2]"]),
    ],
)
def test_numbers_of_numpy_are_bound_as_numbers(bindings, lines):
    assert as_lines(bindings) == lines


@pytest.mark.parametrize("bindings", [5, [("options.z_dim", 3)]])
def test_other_bindings_are_refused(bindings):
    with pytest.raises(ConfigError, match="bindings: expected a dict"):
        as_lines(bindings)
