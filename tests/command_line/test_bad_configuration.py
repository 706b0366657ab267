"""A configuration that cannot be run is refused before anything is written: one message, exit code 2."""

import contextlib
import dataclasses
import socket

import pytest
from support import tiny_run

from compare_gan2.datasets.catalog import DATASETS

# Bindings that cannot be run, and what the message has to say.
REFUSED = {
    "parameter": (
        {"S3GAN.rotated_fraction": 4},
        ["S3GAN.rotated_fraction: no such parameter", "rotated_batch_fraction"],
    ),
    "parameter of the base": (
        {"ModularGAN.g_rl": 1.0},
        ["--gin_bindings: 'ModularGAN.g_rl = 1.0': 'ModularGAN' has no parameter named 'g_rl'; did you mean g_lr"],
    ),
    "configurable": ({"S4GAN.project_y": True}, ["No configurable matching 'S4GAN'"]),
    "reference": ({"loss.fn": "@hing"}, ["No configurable matching reference '@hing'"]),
    "macro": ({"options.z_dim": "%size"}, ["options.z_dim: the macro %size has no value"]),
    "syntax": ({"options.z_dim": "= 3"}, ["--gin_bindings: 'options.z_dim = = 3': expected a value"]),
    "type": ({"S3GAN.project_y": 3}, ["S3GAN.project_y: expected bool, got 3 (int)"]),
    "text for a number": (
        {"options.batch_size": "'a'"},
        ["options.batch_size: expected a whole number from 1 to 1048576, got 'a' (str)"],
    ),
    "text for a reference": ({"loss.fn": "'hinge'"}, ["loss.fn: expected ", "got 'hinge' (str)"]),
    "loss": ({"loss.fn": "@no_penalty"}, ["loss.fn: expected ", "@no_penalty"]),
    "penalty": ({"penalty.fn": "@hinge"}, ["penalty.fn: expected a function (@name), got @hinge"]),
    "penalty of another kind": (
        {"penalty.fn": "@tf.random.normal"},
        ["expected a function of discriminate", "@normal"],
    ),
    "loss of another kind": ({"loss.fn": "@S3GAN"}, ["loss.fn: expected one of @hinge", "got @S3GAN"]),
    "norm": ({"G.batch_norm_fn": "@hinge"}, ["G.batch_norm_fn: expected one of @batch_norm", "got @hinge"]),
    "choice": ({"weights.initializer": "'ones'"}, ["expected one of 'normal', 'truncated', 'orthogonal', got 'ones'"]),
    "schedule": (
        {"run_config.schedule": "'eval'"},
        ["'train', 'eval_after_train', 'train_and_eval', 'continuous_eval', got 'eval'"],
    ),
    "required value": ({"S3GAN.rotated_batch_fraction": "%gin.REQUIRED"}, ["S3GAN.rotated_batch_fraction: no value"]),
    "required value of a reference": (
        {"ModularGAN.d_optimizer_fn": "@tf.train.MomentumOptimizer"},
        ["MomentumOptimizer.momentum: no value is given"],
    ),
    "dataset": (
        {"dataset.name": "'mnist5k'"},
        ["dataset.name: expected one of mnist_5k, ", "cifar10", "got 'mnist5k'"],
    ),
    "architecture": (
        {"options.architecture": "'resnet_biggn'"},
        ["options.architecture: expected one of ", "resnet_biggan_arch, ", "resnet_cifar_arch, ", "got 'resnet_biggn'"],
    ),
    "GAN class": ({"options.gan_class": "@hinge"}, ["options.gan_class: expected ", "@"]),
    "seed": (
        {"run_config.tf_random_seed": -1},
        ["run_config.tf_random_seed: expected a whole number from 0 to 4294967295 or None, got -1"],
    ),
    "data seed": (
        {"dataset.seed": 2**64},
        ["dataset.seed: expected a whole number from 0 to 4294967295 or None, got "],
    ),
    "number of steps": (
        {"options.training_steps": 0},
        ["options.training_steps: expected a whole number from 1 to 1000000000, got 0"],
    ),
    "interval of scores": (
        {"run_config.schedule": "'train_and_eval'", "run_config.eval_every_steps": 4},
        [
            "eval_every_steps: train_and_eval scores checkpoints",
            "multiple of run_config.save_checkpoints_steps (3)",
            "4",
        ],
    ),
    "metric": ({"evaluation.metrics": ["fidd"]}, ["evaluation.metrics: expected metrics among ", "fid", "got 'fidd'"]),
    "metrics as text": ({"evaluation.metrics": "'fid'"}, ["evaluation.metrics: expected ", "got 'fid' (str)"]),
    "too few real images": (
        {"evaluation.num_real": 1001, "run_config.schedule": "'eval_after_train'"},
        ["dataset mnist_5k: 1001 test images are asked for, the test split has 1000"],
    ),
    "no images": (
        {"evaluation.num_fake": 0},
        ["evaluation.num_fake: expected a whole number from 1 to 1000000000 or None, got 0"],
    ),
    "best metric": (
        {"run_config.best_metric": "'kidd'", "run_config.schedule": "'eval_after_train'"},
        ["run_config.best_metric: expected one of fid, classifier_score, conditional_accuracy (rows", "got 'kidd'"],
    ),
    "negative interval": (
        {"run_config.eval_every_steps": -3},
        ["eval_every_steps: expected a whole number from 0 to 1000000000, got -3"],
    ),
    "no label left": ({"labels.fraction": 0.0}, ["labels.fraction: expected a number above 0 and at most 1, got 0.0"]),
    "rotated fraction": (
        {"S3GAN.rotated_batch_fraction": 3},
        ["S3GAN.rotated_batch_fraction: the batch of a replica (16) divided by it must be a multiple of 4, got 3"],
    ),
    "replicas": (
        {"options.batch_size": 15, "run_config.single_core": False},
        ["options.batch_size: expected a multiple of the 2 replicas, got 15"],
    ),
    "rotated fraction of a replica": (
        {"S3GAN.rotated_batch_fraction": 4, "run_config.single_core": False},
        ["the batch of a replica (8) divided by it must be a multiple of 4, got 4"],
    ),
    "S3GAN without labels": (
        {"ModularGAN.conditional": False},
        ["S3GAN needs ModularGAN.conditional = True"],
    ),
    "predictor without projection": (
        {"S3GAN.project_y": False},
        ["S3GAN.use_predictor: True needs S3GAN.project_y = True, got False"],
    ),
    "attention in the generator": (
        {"resnet_biggan.Generator.blocks_with_attention": "'B9'"},
        ["resnet_biggan.Generator.blocks_with_attention: no such block B9; this network has B1, B2, B3"],
    ),
    "attention in the discriminator": (
        {"resnet_biggan.Discriminator.blocks_with_attention": "'B1,B7'"},
        ["resnet_biggan.Discriminator.blocks_with_attention: no such block B7"],
    ),
    "joint generation": (
        {"ModularGAN.experimental_joint_gen_for_disc": True},
        ["experimental_joint_gen_for_disc: True needs ModularGAN.experimental_force_graph_unroll = True"],
    ),
    "latents": ({"options.z_dim": 17}, ["options.z_dim must be a multiple of 4 at 32x32", "got 17"]),
    "scope": ({"mine/options.z_dim": 8}, ["scopes have no effect here", "mine"]),
}


def bound(bindings):
    return [f"--gin_bindings={name} = {value}" for name, value in bindings.items()]


def refused(folder, *given, **bindings):
    """Message of a run that is refused before anything is written."""
    result = tiny_run.in_process(folder, *given, **bindings)
    assert result.code == 2
    assert "training:" not in result.err and not folder.exists()
    return tiny_run.error_line(result)


@pytest.mark.parametrize("name", REFUSED)
def test_configuration_that_cannot_be_run_is_refused(name, tmp_path):
    bindings, parts = REFUSED[name]
    message = refused(tmp_path / "run", *bound(bindings))
    assert all(part in message for part in parts), message


def test_labels_that_the_dataset_does_not_have(tmp_path, monkeypatch):
    monkeypatch.setitem(DATASETS, "unlabelled", dataclasses.replace(DATASETS["mnist_5k"], num_classes=None))
    bindings = {"dataset__name": "'unlabelled'", "options__gan_class": "@ModularGAN"}
    message = refused(tmp_path / "run", **bindings, labels__fraction=1.0)
    assert "ModularGAN.conditional: True needs a dataset with labels" in message
    message = refused(tmp_path / "run", **bindings)
    assert "labels.fraction" in message and "unlabelled has no labels" in message


def test_imagenet_that_is_not_on_disk(tmp_path):
    only_config = {name.replace(".", "__"): None for name in tiny_run.BINDINGS}
    config = "imagenet128/s3gan_co.gin"
    message = refused(tmp_path / "run", f"--tfds_data_dir={tmp_path}", config=config, **only_config)
    for part in (
        f"there is no imagenet2012 in {tmp_path}",
        "Download ILSVRC2012_img_train.tar and ILSVRC2012_img_val.tar",
        f"put them in {tmp_path}/downloads/manual",
        f"tfds build imagenet2012 --data_dir={tmp_path}",
        "gin_configs/s3gan.gin runs without any download",
    ):
        assert part in message


def test_nothing_bound_at_all(tmp_path):
    with contextlib.chdir(tmp_path):
        (tmp_path / "empty.gin").write_text("")
        only_config = {name.replace(".", "__"): None for name in tiny_run.BINDINGS}
        message = refused(tmp_path / "run", config="empty.gin", **only_config)
    assert "options.batch_size: no value is given; bind it in a .gin file or by --gin_bindings" in message


def test_tpu_without_a_name(tmp_path, monkeypatch):
    monkeypatch.delenv("TPU_NAME", raising=False)
    assert "--use_tpu: expected the environment variable TPU_NAME" in refused(tmp_path / "run", "--use_tpu")


def test_tpu_that_is_not_running(tmp_path, monkeypatch):
    with socket.create_server(("localhost", 0)) as free:
        address = f"grpc://localhost:{free.getsockname()[1]}"
    monkeypatch.setenv("TPU_NAME", address)
    message = refused(tmp_path / "run", "--use_tpu")
    assert f"--use_tpu: TPU_NAME='{address}' cannot be used: " in message and "refused" in message


def test_missing_gin_file(tmp_path):
    message = refused(tmp_path / "run", config="s4gan.gin")
    assert "--gin_config: there is no file s4gan.gin" in message and "did you mean s3gan.gin" in message
    include = refused(tmp_path / "run", "--gin_bindings=include 'parts/s4gan.gin'")
    assert "there is no file parts/s4gan.gin" in include


def test_typo_on_the_real_command_line(tmp_path):
    result = tiny_run.result(tiny_run.start(tmp_path / "run", "--gin_bindings=S3GAN.use_predictr = True"))
    assert result.code == 2
    assert "S3GAN.use_predictr: no such parameter" in tiny_run.error_line(result)
    assert result.err.strip().splitlines()[-1].startswith("error: ")
    assert not (tmp_path / "run").exists()


def test_evaluator_below_a_regular_file(tmp_path):
    (tmp_path / "file").touch()
    result = tiny_run.in_process(tmp_path / "file" / "run", "--schedule=continuous_eval")
    assert result.code == 2 and f"{tmp_path / 'file'} is a file" in tiny_run.error_line(result)
