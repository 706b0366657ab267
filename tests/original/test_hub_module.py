"""`migrate hub`: the folder of a published module becomes Keras networks that compute what the original computes."""

import json
import types
import urllib.error

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_hub
from support import original_files
from support.bound_networks import bound_networks
from support.goldens import GOLDENS, recorded_case
from support.module_networks import CASES, DCGAN
from tensorflow.core.protobuf import saved_model_pb2

from compare_gan2 import migrate
from compare_gan2.layers.accumulators import accumulators
from compare_gan2.original.conformance import FORWARD_TOLERANCE, relative_error
from compare_gan2.original.recorded_cases import recorded_inputs

NAME = "tf1_checkpoint_s3gan"
ATTENTION = "--gin_bindings=resnet_biggan.Generator.blocks_with_attention = 'B2'"


@pytest.fixture
def case():
    return recorded_case(NAME)


@pytest.fixture
def values(case):
    """What the original exports of the recorded S3GAN."""
    return original_files.module_values(original_files.read_checkpoint(GOLDENS / case["checkpoint"]))


def migrated(source, output, *arguments):
    """Exit code of the migration of a module."""
    return migrate.main(["hub", f"--from={source}", f"--output={output}", *arguments])


def inputs_of(case):
    """(latents, images, label vectors) of the recorded probe."""
    gan = types.SimpleNamespace(image_shape=(32, 32, 3), z_dim=20)
    inputs = recorded_inputs(case["probe_inputs"], 0, case["batch"], gan, case["num_classes"])
    return inputs["latents"], inputs["images"], tf.one_hot(inputs["labels"], case["num_classes"])


def load(output):
    return [keras.saving.load_model(output / f"{name}.keras") for name in ("generator", "discriminator")]


def test_networks_compute_what_the_original_computed(case, values, tmp_path, capsys):
    folder = original_files.write_module(tmp_path / "module", values)
    assert migrated(folder, tmp_path / "keras", ATTENTION) == 0
    generator, discriminator = load(tmp_path / "keras")
    latents, images, labels = inputs_of(case)
    reference = np.load(GOLDENS / case["probe"])
    outputs = discriminator(images, labels)
    for key, computed in (
        ("generated_ema", generator(latents, labels)),
        ("d_probability", outputs.probability),
        ("d_logit", outputs.logits),
        ("d_features", outputs.features),
    ):
        assert relative_error(computed, reference[key]) < FORWARD_TOLERANCE, key
    record = json.loads((tmp_path / "keras" / "module.json").read_text())
    facts = {"architecture": "resnet_biggan_arch", "resolution": 32, "z_dim": 20, "num_classes": 10, "weights": "ema"}
    assert {name: record[name] for name in facts} == facts
    assert record["batch_norm_statistics"] == "accumulators of variables/variables"
    assert record["given"] == {"resnet_biggan.Generator.blocks_with_attention": "'B2'"}
    assert record["read"]["resnet_biggan.Generator.ch"] == "8"
    output = capsys.readouterr().out.splitlines()
    assumed = [line for line in output if line.startswith("assumed: ")]
    assert len(assumed) == len(record["assumed"]) == 3  # two epsilons, and attention of the discriminator
    assert "assumed: standardize_batch.epsilon = 1e-5 (of all published configurations)" in assumed
    assert any(line.startswith("note: logits of the discriminator have no class term") for line in output)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keras", "module"]


@pytest.mark.parametrize("scope", ["", "gen_module/"])
def test_filled_accumulators_win(case, values, scope, tmp_path):
    filled = {name: 0.5 * value + 1 for name, value in values.items() if name.endswith(("accu_mean", "accu_variance"))}
    filled |= {name: np.float32(4) for name in values if name.endswith("accu_counter")}
    others = {name: value + 1 for name, value in values.items() if name not in filled and "update_accus" not in name}
    session = {scope + name: value for name, value in (filled | others).items()}
    folder = original_files.write_module(tmp_path / "module", values, session)
    assert migrated(folder, tmp_path / "keras", ATTENTION) == 0
    generator, _ = load(tmp_path / "keras")
    for variable in generator.variables:
        name = variable.path + original_files.AVERAGE * variable.trainable
        np.testing.assert_array_equal(variable, filled.get(name, values[name]), err_msg=name)
    record = json.loads((tmp_path / "keras" / "module.json").read_text())
    assert record["batch_norm_statistics"] == "accumulators of model-with-accu.ckpt"


def test_empty_accumulators_are_said(values, tmp_path, capsys):
    values |= {name: np.float32(1e-12) for name in values if name.endswith("accu_counter")}
    folder = original_files.write_module(tmp_path / "module", values)
    assert migrated(folder, tmp_path / "keras", ATTENTION) == 0
    assert "warning: nothing has filled the accumulators" in capsys.readouterr().out
    assert len(accumulators(load(tmp_path / "keras")[0])) == 7


def test_what_does_not_fit_is_listed_and_nothing_is_written(values, tmp_path, capsys):
    del values["generator/B3/same_conv2/bias" + original_files.AVERAGE]
    values["discriminator/B2/same_conv1/kernel"] = np.zeros([3, 3, 16, 5], np.float32)
    values["discriminator/B9/bias"] = np.zeros([5], np.float32)
    folder = original_files.write_module(tmp_path / "module", values)
    assert migrated(folder, tmp_path / "keras", ATTENTION) == 2
    message = capsys.readouterr().err
    assert message.startswith("error: --from: ") and "4 variables differ:" in message
    for line in (
        "generator/B3/same_conv2/bias/ExponentialMovingAverage: expected (32,), found missing",
        "generator/B3/same_conv2/bias: expected none, found (32,)",
        "discriminator/B2/same_conv1/kernel: expected (3, 3, 16, 16), found (3, 3, 16, 5)",
        "discriminator/B9/bias: expected none, found (5,)",
    ):
        assert f"  {line}\n" in message
    assert [path.name for path in tmp_path.iterdir()] == ["module"]


def test_misshapen_accumulators_are_listed(values, tmp_path, capsys):
    folder = original_files.write_module(
        tmp_path / "module", values, {"generator/final_norm/accu/accu_mean": np.zeros(3, np.float32)}
    )
    assert migrated(folder, tmp_path / "keras", ATTENTION) == 2
    message = capsys.readouterr().err
    assert "model-with-accu.ckpt does not fit" in message and not (tmp_path / "keras").exists()
    assert "generator/final_norm/accu/accu_mean: expected (32,), found (3,)" in message
    assert "generator/B1/bn1/accu/accu_mean: expected (32,), found missing" in message


def test_attention_at_equal_widths_is_asked_for(values, tmp_path, capsys):
    folder = original_files.write_module(tmp_path / "module", values)
    assert migrated(folder, tmp_path / "keras") == 2
    assert "resnet_biggan.Generator.blocks_with_attention: attention of 32 channels" in capsys.readouterr().err


def test_a_taken_output_and_a_folder_without_module_are_refused(values, tmp_path, capsys):
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "mine").touch()
    folder = original_files.write_module(tmp_path / "module", values)
    assert migrated(folder, tmp_path / "keras", ATTENTION) == 2
    assert "--output: " in capsys.readouterr().err
    for source in (tmp_path / "nothing", tmp_path / "keras"):
        assert migrated(source, tmp_path / "new") == 2
        assert "expected the folder of a module, got " in capsys.readouterr().err
    (data,) = (folder / "variables").glob("*.data*")
    data.write_bytes(data.read_bytes()[:1000])
    assert migrated(folder, tmp_path / "new", ATTENTION) == 2
    assert "variables/variables cannot be read: " in capsys.readouterr().err and not (tmp_path / "new").exists()
    original_files.write_module(folder, values)
    (folder / "saved_model.pb").write_bytes(b"no protocol buffer")
    assert migrated(folder, tmp_path / "new", ATTENTION) == 2
    assert "saved_model.pb cannot be read: " in capsys.readouterr().err


def networks(architecture, bindings, image_shape, z_dim, num_classes):
    """(generator, discriminator, {name in the original: made-up value}) under some bindings."""
    generator, discriminator = bound_networks(architecture, bindings, image_shape, z_dim, num_classes)
    random = np.random.RandomState(1)
    values = {}
    for variable in (*generator.variables, *discriminator.variables):
        values[variable.path] = 0.5 + 0.1 * random.random_sample(variable.shape).astype(np.float32)
        variable.assign(values[variable.path])
    return generator, discriminator, values


def test_unconditional_modulated_module_without_averages(tmp_path):
    module, bindings, *_ = CASES["ssgan128"]
    bindings = (*bindings, "standardize_batch.epsilon = 1e-5")
    generator, discriminator, values = networks(f"{module}_arch", bindings, (64, 64, 3), 120, None)
    folder = original_files.write_module(tmp_path / "module", values)
    assert migrated(folder, tmp_path / "keras") == 0
    made = load(tmp_path / "keras")
    latents = np.random.RandomState(2).standard_normal([2, 120]).astype(np.float32)
    np.testing.assert_array_equal(made[0](latents), generator(latents))
    images = np.random.RandomState(3).random_sample([2, 64, 64, 3]).astype(np.float32)
    np.testing.assert_array_equal(made[1](images).logits, discriminator(images).logits)
    record = json.loads((tmp_path / "keras" / "module.json").read_text())
    assert (record["weights"], record["num_classes"], record["z_dim"]) == ("raw", None, 120)


def test_signature_of_the_module_gives_the_size_of_latents(tmp_path):
    module, bindings, image_shape, _, _ = CASES["biggan64_embedded_latents"]
    bindings = (*bindings, "resnet_biggan.Generator.embed_z = False", "resnet_biggan.Generator.hierarchical_z = False")
    _, _, values = networks(f"{module}_arch", bindings, image_shape, 24, None)
    folder = original_files.write_module(tmp_path / "module", values)
    saved = saved_model_pb2.SavedModel()
    latents = saved.meta_graphs.add().signature_def["default"].inputs["z"]
    for size in (-1, 24):
        latents.tensor_shape.dim.add().size = size
    (folder / "saved_model.pb").write_bytes(saved.SerializeToString())
    assert migrated(folder, tmp_path / "keras") == 0
    record = json.loads((tmp_path / "keras" / "module.json").read_text())
    assert record["z_dim"] == 24 and record["read"]["resnet_biggan.Generator.hierarchical_z"] == "False"


def test_other_architectures_need_their_name(tmp_path, capsys):
    generator, _, values = networks(DCGAN[0], (*DCGAN[1], "standardize_batch.epsilon = 1e-5"), *DCGAN[2:])
    folder = original_files.write_module(tmp_path / "module", values)
    assert migrated(folder, tmp_path / "keras") == 2
    assert "options.architecture: the variables belong to none of" in capsys.readouterr().err
    config = tmp_path / "named.gin"
    config.write_text("\n".join(["options.architecture = 'dcgan_arch'", "dataset.name = 'cifar10'", *DCGAN[1][:2]]))
    assert migrated(folder, tmp_path / "keras", f"--gin_config={config}") == 0
    latents = np.random.RandomState(2).standard_normal([2, 10]).astype(np.float32)
    labels = tf.one_hot([0, 3], 5)
    np.testing.assert_array_equal(load(tmp_path / "keras")[0](latents, labels), generator(latents, labels))
    assert migrated(folder, tmp_path / "other", "--gin_bindings=options.architecture = 'dc_gan'") == 2
    assert "options.architecture: expected one of dcgan_arch, " in capsys.readouterr().err


def test_handle_goes_through_tensorflow_hub(values, tmp_path, monkeypatch, capsys):
    folder = original_files.write_module(tmp_path / "module", values)
    asked = []
    monkeypatch.setattr(tensorflow_hub, "resolve", lambda handle: asked.append(handle) or str(folder))
    handle = "https://example.com/s3gan/1"
    assert migrated(handle, tmp_path / "keras", ATTENTION) == 0 and asked == [handle]
    assert json.loads((tmp_path / "keras" / "module.json").read_text())["source"] == handle

    def unreachable(handle):
        raise urllib.error.URLError("Temporary failure in name resolution")

    monkeypatch.setattr(tensorflow_hub, "resolve", unreachable)
    capsys.readouterr()
    assert migrated(handle, tmp_path / "new") == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and "Temporary failure in name resolution" in message
    assert "tensorflow_hub.resolve(" in message and not (tmp_path / "new").exists()
