"""An export of a run is loaded in a new process that has its runtime and nothing else, and gives what the run gives.

Neither configuration is a shipped one: an S3GAN with soft predictions and spectral norm on the networks of DCGAN, and a
GAN without labels on those of SNDCGAN, whose batch norm keeps moving averages and whose latents are uniform.
"""

import os
import signal
import time

import numpy as np
import pytest
from support import tiny_run

import compare_gan2
from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import Options
from compare_gan2.export import main

pytest.importorskip("tf2onnx")
pytestmark = pytest.mark.slow
COUNT, SEED, TRUNCATION = 11, 5, 0.6
CASES = {
    "conditional": {
        "config": "s3gan.gin",
        **{name.replace(".", "__"): value for name, value in tiny_run.QUICK.items()},
        "S3GAN__use_soft_pred": True,
        "spectral_norm__singular_value": "'auto'",
    },
    "unconditional": {
        "config": "mnist_5k/ssgan.gin",
        **{name.replace(".", "__"): None for name in tiny_run.BINDINGS if name.startswith("resnet_biggan")},
        "options__architecture": "'sndcgan_arch'",
        "options__gan_class": "@ModularGAN",
        "sndcgan__Generator__ch": 4,
        "sndcgan__Discriminator__ch": 4,
        "G__batch_norm_fn": "@batch_norm",
        "standardize_batch__use_moving_averages": True,
        "z__distribution_fn": "@tf.random.uniform",
        "eval_z__distribution_fn": "@tf.random.uniform",
    },
}
BLOCKED = "import sys, numpy as np; sys.modules.update(dict.fromkeys({names!r}))\n"
READING = """
given = dict(np.load("given.npz"))
labels = {"labels": given["labels"]} if "labels" in given else {}
"""
TENSORFLOW = """
import tensorflow as tf
signatures = tf.saved_model.load("saved_model").signatures
call = lambda name, **inputs: next(iter(signatures[name](**{k: tf.constant(v) for k, v in inputs.items()}).values()))
found = {"generate": call("generate", latents=given["latents"], **labels)}
found["discriminate"] = call("discriminate", images=given["images"], **labels)
drawn = {"seed": np.int64(given["seed"])}
drawn |= {"labels": given["numbers"]} if labels else {"count": np.int32(len(given["images"]))}
if "truncation" in signatures["sample"].structured_input_signature[1]:
    drawn["truncation"] = np.float32(0)
    found["sample_truncated"] = call("sample", **{**drawn, "truncation": np.float32(given["truncation"])})
found["sample"] = call("sample", **drawn)
if "predict_labels" in signatures:
    found["predict_labels"] = call("predict_labels", images=given["images"])
np.savez("found.npz", **found)
"""
KERAS = """
import keras
generator, judge = (keras.saving.load_model(f"{name}.keras") for name in ("generator", "discriminator"))
found = {"generate": generator.predict({"latents": given["latents"], **labels}, verbose=0)}
judged = judge.predict({"images": given["images"], **labels}, verbose=0)
found["discriminate"] = judged["logits"]
if "probabilities" in judged:
    found["predict_labels"] = judged["probabilities"]
np.savez("found.npz", **found)
"""
ONNX = """
import onnxruntime
session = onnxruntime.InferenceSession("generator.onnx")
found = {"generate": session.run(["images"], {"latents": given["latents"], **labels})[0]}
session = onnxruntime.InferenceSession("discriminator.onnx")
used = {i.name: {"images": given["images"], **labels}[i.name] for i in session.get_inputs()}
results = dict(zip([o.name for o in session.get_outputs()], session.run(None, used)))
found["discriminate"] = results["logits"]
if "probabilities" in results:
    found["predict_labels"] = results["probabilities"]
np.savez("found.npz", **found)
"""
OURS = ["compare_gan2", "tf_keras"]
SCRIPTS = {  # what must not be importable, the script, tolerance
    "saved_model": ([*OURS, "keras"], TENSORFLOW, 1e-5),
    "keras": (OURS, KERAS, 1e-5),
    "onnx": ([*OURS, "keras", "tensorflow"], ONNX, 1e-4),
}


@pytest.fixture(scope="module", params=CASES)
def run(request, tmp_path_factory):
    """(folder of a finished run, whether it is conditional)."""
    folder = tmp_path_factory.mktemp(request.param) / "run"
    result = tiny_run.in_process(folder, tiny_run.TRAIN_ONLY, **CASES[request.param])
    assert result.code == 0, result.err
    return folder, request.param == "conditional"


@pytest.fixture(scope="module")
def exported(run):
    """(folder of its export, {name: array} that the run itself gives)."""
    folder, conditional = run
    output = folder.with_name("export")
    assert main([f"--model_dir={folder}", f"--output={output}", "--format=keras,saved_model,onnx,model_card"]) == 0
    model = compare_gan2.load(folder)
    numbers = np.array([7, -1, *range(COUNT - 2)], np.int32) if conditional else None
    labels = list(numbers) if conditional else None
    expected = {"sample": model.sample(COUNT, labels, SEED, dtype="float32")}
    if conditional:
        expected["sample_truncated"] = model.sample(COUNT, labels, SEED, TRUNCATION, dtype="float32")
    images = expected["sample"]
    latents = np.random.RandomState(3).standard_normal([COUNT, model.z_dim]).astype(np.float32)
    vectors = (numbers[:, None] == np.arange(10)).astype(np.float32) if conditional else None
    expected["generate"] = model.sampler.generate(latents, vectors)
    expected["discriminate"] = model.discriminate(images, labels)
    given = {"latents": latents, "images": images, "seed": SEED, "truncation": TRUNCATION}
    if conditional:
        expected["predict_labels"] = model.predict_labels(images, probabilities=True)
        given |= {"labels": vectors, "numbers": numbers}
    np.savez(output / "given.npz", **given)
    return output, expected


@pytest.mark.parametrize("runtime", SCRIPTS)
def test_a_new_process_gives_what_the_run_gives(exported, runtime):
    folder, expected = exported
    blocked, script, tolerance = SCRIPTS[runtime]
    process = tiny_run.start_python("-c", BLOCKED.format(names=blocked) + READING + script, cwd=folder)
    result = tiny_run.result(process)
    assert result.code == 0, result.err
    with np.load(folder / "found.npz") as found:
        names = set(found.files)
        assert {"generate", "discriminate"} <= names <= set(expected)
        for name in names:
            assert found[name].shape == expected[name].shape
            np.testing.assert_allclose(found[name], expected[name], atol=tolerance, rtol=tolerance)
    if runtime == "saved_model":
        assert names == set(expected)


def test_the_export_is_loaded_as_the_run(run, exported):
    (folder, conditional), (output, _) = run, exported
    model, original = compare_gan2.load(output), compare_gan2.load(folder)
    known = ("image_shape", "z_dim", "num_classes", "class_names", "step", "weights", "latents")
    assert [getattr(model, name) for name in known] == [getattr(original, name) for name in known]
    images = model.sample(4, seed=SEED, dtype="float32")
    np.testing.assert_allclose(images, original.sample(4, seed=SEED, dtype="float32"), atol=1e-5)
    labels = "3" if conditional else None
    np.testing.assert_allclose(model.discriminate(images, labels), original.discriminate(images, labels), atol=1e-4)


def test_weights_of_the_last_update(run, tmp_path):
    folder, _ = run
    assert main([f"--model_dir={folder}", f"--output={tmp_path / 'raw'}", "--format=keras", "--weights=raw"]) == 0
    model = compare_gan2.load(tmp_path / "raw")
    images = [compare_gan2.load(folder, weights=weights).sample(3, dtype="float32") for weights in ("raw", "ema")]
    assert model.weights == "raw"
    np.testing.assert_allclose(model.sample(3, dtype="float32"), images[0], atol=1e-5)
    assert np.abs(images[0] - images[1]).max() > 1e-4


def test_its_page_states_what_the_run_recorded(run, exported):
    (_, conditional), (output, _) = run, exported
    page = (output / "README.md").read_text()
    assert "trained on mnist_5k" in page and "| training images | 4,000 |" in page and "has not been scored" in page
    assert ("| of these with a label | 400 (10 %) |" in page) == conditional
    assert ("moving averages of training" in page) != conditional
    assert ("| latents | 16 values, normal(stddev=1.0) |" in page) == conditional
    config = parse([output / "config.gin"], [])
    assert config.bound_value(Options, "z_dim") == 16


def test_a_signal_leaves_nothing(run, tmp_path):
    folder, _ = run
    arguments = [f"--model_dir={folder}", f"--output={tmp_path / 'exports' / 'out'}"]
    process = tiny_run.start_python("-m", "compare_gan2.export", *arguments)
    while process.poll() is None and not list(tmp_path.glob("exports/.out.*.partial/*")):
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGTERM)
    result = tiny_run.result(process)
    assert result.code == 128 + signal.SIGTERM and "nothing was written" in tiny_run.error_line(result)
    assert not list(tmp_path.iterdir())
