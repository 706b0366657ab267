"""What the library's functions cannot be given ends in one typed error, and never in one of Python's own."""

import numpy as np
import pytest

import compare_gan2 as cg

IMAGES = np.random.RandomState(0).randint(0, 255, [8, 32, 32, 1]).astype(np.uint8)
SCORED = {"metrics": ["fid"], "network": "digits"}
SIZES = {"image_shape": (32, 32, 3), "z_dim": 4}


def scored(*images, **options):
    return cg.evaluate(*(images or (IMAGES, IMAGES)), **SCORED | options)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cg.load(None), "^path: expected .*, got None"),
        (lambda: cg.load("/nowhere"), "^path: expected the folder of a run, .*, there is no /nowhere"),
        (lambda: cg.load("/nowhere", stp=4), "^load: there is no keyword 'stp'; did you mean step?"),
        (lambda: cg.load("/nowhere", step="4"), "^step: expected .*'best' or None, got '4'"),
        (lambda: cg.load("/nowhere", step=4.0), "^step: expected .*'best' or None, got 4.0"),
        (lambda: cg.load("/nowhere", step="bset"), "^step: .* got 'bset'.*; did you mean best?"),
        (lambda: cg.evaluate(), "^evaluate: missing a required argument: 'fake'"),
        (lambda: cg.evaluate(None), "^fake: expected images or a model, got None"),
        (lambda: cg.evaluate("nowhere/"), "^fake: expected a folder, an .npz file or one of .*, got 'nowhere/'"),
        (lambda: scored(IMAGES, "mnist_5"), "^real: expected a folder, .*, got 'mnist_5'; did you mean mnist_5k"),
        (lambda: scored(IMAGES[:0], IMAGES), r"^fake: expected images \[N, H, W, 1 or 3\] with N, H, W > 0"),
        (lambda: scored(schedule="train"), "^evaluate: there is no keyword 'schedule'; it takes fake, real"),
        (
            lambda: scored(network="digit"),
            "^network: expected one of 'digits', .*, got 'digit'.*; did you mean digits?",
        ),
        (lambda: scored(metrics=["fidd"]), "^metrics: expected metrics among .*, got 'fidd'; did you mean fid?"),
        (lambda: scored(metrics=5), "^metrics: expected .*, got 5"),
        (lambda: scored(metrics=["jacobian"]), "^metrics: 'jacobian' needs the generator itself .a model of `compare_"),
        (lambda: scored(num_fake="x"), "^num_fake: expected .*, got 'x'"),
        (lambda: scored(num_fake=0), "^num_fake: expected a whole number from 1 to .*, got 0"),
        (lambda: scored(seed=-1), "^seed: expected a whole number from 0 to .*, got -1"),
        (lambda: cg.load("/nowhere", step=-1), "^step: expected a whole number from 0 to .*, got -1"),
        (lambda: scored(num_fake=9), "^fake: 9 images are asked for, there are 8"),
        (lambda: scored(size="big"), "^size: expected .*, got 'big'"),
        (lambda: scored(size=(1, 2, 3)), r"^size: expected a side .*, got \(1, 2, 3\)"),
        (
            lambda: scored(classes="comon"),
            "^classes: expected one of 'same', 'common', got 'comon'.*did you mean common",
        ),
        (lambda: scored(classes="common"), '^classes="common": expected classes on both sides, fake or real has none'),
        (lambda: scored(pixels="upward"), "^pixels: expected one of 'as_stored', 'upright', got 'upward'"),
        (lambda: scored(max_pixels=0), "^max_pixels: expected a whole number from 1 to 178000000, got 0"),
        (lambda: scored(split="tset"), "^split: expected one of 'test', 'train', got 'tset'.*did you mean test?"),
        (lambda: scored(cache_dir=4), "^cache_dir: expected .*, got 4"),
        (
            lambda: scored(IMAGES, IMAGES[:, :28]),
            "^fake: images are 32x32x1, those of real 28x32x1; size=N brings both",
        ),
        (lambda: scored(bindings={"fid.blok": 4}), "'fid' has no parameter named 'blok'; it takes none"),
        (lambda: scored(metrics=["kid"], bindings={"kid.max_blok_size": 4}), "; did you mean max_block_size?"),
        (
            lambda: cg.metrics.kid(IMAGES, IMAGES, max_blok=3),
            "^kid: there is no keyword 'max_blok'; did you mean max_b",
        ),
        (lambda: cg.train(None), "^config: expected .*, got None"),
        (lambda: cg.train("s3gan.gin", model_dir=5), "^model_dir: expected .*, got 5"),
        (lambda: cg.train("s3gan.gin", 5), "^bindings: expected .*, got 5"),
        (
            lambda: cg.train("s3gan.gin", shedule="train"),
            "^train: there is no keyword 'shedule'; did you mean schedule?",
        ),
        (lambda: cg.train("s3gim.gin"), "^config: there is no file s3gim.gin, .*; did you mean s3gan.gin?"),
        (lambda: cg.train("s3gan.gin", num_devices="2"), "^num_devices: expected .*, got '2'"),
        (lambda: cg.train("s3gan.gin", metrics=4), "^metrics: expected .*, got 4"),
        (lambda: cg.parse("s3gim.gin"), "^gin_files: there is no file s3gim.gin"),
        (
            lambda: cg.make_generator("dcgan_arch", chh=4, **SIZES),
            "^dcgan.Generator: there is no keyword 'chh'; did you ",
        ),
        (lambda: cg.make_generator("dcgan_arch", image_shape=5, z_dim=2), "^image_shape: expected .*, got 5"),
        (lambda: cg.make_generator("dcgan_arch", image_shape=(32, 32, 3)), "^make_generator: missing a .*: 'z_dim'"),
        (lambda: cg.make_generator("dcgan_arch", **SIZES | {"z_dim": "x"}), "^z_dim: expected .*, got 'x'"),
        (lambda: cg.make_discriminator("dcgan_arch", image_shape=(32, 32, 3), num_classes="x"), "^num_classes: expec"),
    ],
)
def test_one_typed_error(call, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(cg.ConfigError, match=message):
        call()
    assert not list(tmp_path.iterdir())


def test_numbers_of_numpy_are_taken():
    (score,) = scored(num_fake=np.int64(6), seed=np.uint8(3), size=np.int64(32))
    assert (score.num_fake, score.seed, score.num_real) == (6, 3, 8)
