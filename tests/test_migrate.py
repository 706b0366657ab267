import pathlib

import numpy as np
import pytest

from compare_gan2 import configuration, conformance, migrate, original_checkpoint, run
from compare_gan2.options import Options
from compare_gan2.training.checkpoints import Checkpoints, checkpoint_steps
from compare_gan2.training.state import TrainState

GOLDENS = pathlib.Path(__file__).parent / "goldens"
NAME = "tf1_checkpoint_s3gan"


@pytest.fixture
def case():
    return conformance.read_manifest(GOLDENS, NAME)[NAME]


def bindings(case, *more):
    every = [*case["bindings"], "dataset.name = 'cifar10'", "run_config.single_core = True", *more]
    return [f"--gin_bindings={binding}" for binding in every]


def command(case, model_dir, *more):
    return ["checkpoint", f"--from={GOLDENS / case['checkpoint']}", f"--model_dir={model_dir}", *bindings(case, *more)]


def test_checkpoint_becomes_a_run_that_goes_on(case, tmp_path, capsys):
    assert migrate.main(command(case, tmp_path / "run", "options.training_steps = 4")) == 0
    assert "model.ckpt-3" in capsys.readouterr().out
    options = configuration.build(Options)
    gan = configuration.build(options.gan_class, options=options, image_shape=(32, 32, 3), num_classes=10)
    gan.check_batch(1)
    gan.create()
    native, original = TrainState(gan), {}
    assert Checkpoints(tmp_path / "run", native, keep=1).restore_latest() == 3
    values = {name: variable.numpy() for name, variable in native.variables().items()}
    original_checkpoint.restore(GOLDENS / case["checkpoint"], native)
    original = {name: variable.numpy() for name, variable in native.variables().items()}
    assert all(np.array_equal(values[name], original[name]) for name in original)
    run.run(run.RunFlags(model_dir=str(tmp_path / "run"), data_fake_dataset=True))
    assert "resumes from step 3" in capsys.readouterr().out
    assert checkpoint_steps(tmp_path / "run") == [3, 4]


def test_what_does_not_fit_is_listed_and_nothing_is_written(case, tmp_path, capsys):
    assert migrate.main(command(case, tmp_path / "run", "resnet_biggan.Generator.ch = 4")) == 2
    message = capsys.readouterr().err
    assert message.startswith("error: --from: ") and message.count("\n") == 1
    assert "generator/final_conv/kernel: expected (3, 3, 16, 3), found (3, 3, 32, 3)" in message
    assert not (tmp_path / "run").exists()


def test_missing_checkpoint_and_taken_folder_are_refused(case, tmp_path, capsys):
    arguments = [a.replace("model.ckpt-3", "model.ckpt-9") for a in command(case, tmp_path / "run")]
    assert migrate.main(arguments) == 2
    assert "model.ckpt-9" in capsys.readouterr().err
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model.ckpt-1.index").touch()
    assert migrate.main(command(case, tmp_path / "run")) == 2
    assert "holds checkpoints already" in capsys.readouterr().err
