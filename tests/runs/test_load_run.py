"""`load_sampler`: the generator of a run's folder, without the session that trained it."""

import sys

import numpy as np
import pytest
from support.trained_run import images_of

import compare_gan2
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.trust import NotTrustedError
from compare_gan2.runs.load_run import load_sampler


def test_load_sampler_gives_the_images_of_the_run(trained):
    expected = {step: images_of(trained, step) for step in (1, 2)}
    for step, (images, labels) in {**expected, None: expected[2]}.items():
        sampler = load_sampler(trained.files.path, step)
        loaded_images, loaded_labels = sampler.sample(8, "scores/0")
        np.testing.assert_array_equal(loaded_labels, labels)
        np.testing.assert_array_equal(loaded_images, images)
    assert np.abs(expected[1][0] - expected[2][0]).max() > 1e-4  # so that the right step was loaded
    assert sampler.weights == "ema"


def test_it_knows_what_the_run_has_recorded(trained):
    sampler = load_sampler(trained.files.path)
    assert (sampler.dataset_name, sampler.standing_samples, sampler.seed) == ("mnist_5k", 64, 5)
    assert sampler.dataset.image_shape == (32, 32, 1) and sampler.labels_are_classes
    assert sampler.model_dir == trained.files.path and sampler.checkpoint.name == "model.ckpt-2"


def test_bindings_of_the_caller_win(trained):
    expected, _ = images_of(trained, 2)
    sampler = load_sampler(trained.files.path, bindings=["eval_z.stddev = 3.0"])
    assert sampler.latents.stddev == 3.0
    assert np.abs(sampler.sample(8, "scores/0")[0] - expected).max() > 1e-4
    assert load_sampler(trained.files.path).latents.stddev == 0.7  # nothing is left of them
    with pytest.raises(ConfigError, match="No configurable matching 'no_such'"):
        load_sampler(trained.files.path, bindings=["no_such.thing = 3"])


def test_a_folder_without_a_run_is_refused(tmp_path):
    for folder in (tmp_path / "missing", tmp_path):
        with pytest.raises(ConfigError, match=rf"got {folder}, which holds 0 checkpoints and no operative_config-N"):
            load_sampler(folder)


def test_a_folder_without_checkpoints_or_configuration_is_refused(copied):
    (configured,) = copied.glob("operative_config-*.gin")
    text = configured.read_text()
    configured.unlink()
    with pytest.raises(ConfigError, match="3 checkpoints and no operative_config-N.gin"):
        load_sampler(copied)
    configured.write_text(text)
    for path in copied.glob("model.ckpt-*"):
        path.unlink()
    with pytest.raises(ConfigError, match="0 checkpoints and one operative_config-N.gin"):
        load_sampler(copied)


def test_an_absent_or_damaged_checkpoint_is_refused(copied):
    with pytest.raises(ConfigError, match=r"step: expected one of 0, 1, 2 .*, got 7"):
        load_sampler(copied, 7)
    with pytest.raises(ConfigError, match=r"step: .* has no best checkpoint, which run_config.best_metric chooses"):
        load_sampler(copied, "best")
    (data,) = copied.glob("model.ckpt-2.data*")
    content = bytearray(data.read_bytes())
    content[40] ^= 1
    data.write_bytes(content)
    with pytest.raises(ConfigError, match=r"model.ckpt-2 is damaged \(.+\); choose another: 0, 1$"):
        load_sampler(copied)
    assert load_sampler(copied, 1).sample(1, "grid")[0].shape == (1, 32, 32, 1)


def test_the_best_checkpoint(copied):
    (copied / "best.json").write_text('{"metric": "fid", "value": 1.0, "step": 1, "checkpoint": "model.ckpt-1"}')
    assert load_sampler(copied, "best").checkpoint.name == "model.ckpt-1"
    assert load_sampler(copied).checkpoint.name == "model.ckpt-2"


@pytest.fixture
def of_a_stranger(copied):
    """Function of lines that adds them to the record of a run's folder, which is returned."""

    def changed(*lines):
        (record,) = copied.glob("operative_config-*.gin")
        imports = [line for line in lines if line.startswith("import")]
        others = [line for line in lines if line not in imports]
        record.write_text("\n".join([*imports, record.read_text().rstrip("\n"), *others, ""]))
        (copied / f".{record.name}.sha256").unlink(missing_ok=True)
        return copied

    return changed


def test_modules_of_the_record_need_permission(of_a_stranger, tmp_path, monkeypatch):
    (tmp_path / "canary_module.py").write_text("import pathlib\npathlib.Path(__file__).with_name('canary').touch()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = of_a_stranger("import canary_module")
    message = r"run/operative_config-\d+.gin, line 1: import canary_module: a module runs with all your rights"
    for load in (load_sampler, compare_gan2.load):
        with pytest.raises(ConfigError, match=message):
            load(folder)
    assert not (tmp_path / "canary").exists() and "canary_module" not in sys.modules
    try:
        assert compare_gan2.load(folder, bindings="import canary_module").step == 2
        assert (tmp_path / "canary").exists()
        del sys.modules["canary_module"]
        (tmp_path / "canary").unlink()
        assert compare_gan2.load(folder, allow_imports=True).step == 2 and (tmp_path / "canary").exists()
    finally:
        sys.modules.pop("canary_module", None)


def test_folders_of_caches_are_not_taken_from_the_record(of_a_stranger, tmp_path):
    folder = of_a_stranger(f"folder.cache_dir = '{tmp_path / 'elsewhere'}'", "evaluation.cache_dir = '/etc'")
    sampler = load_sampler(folder)
    assert not [name for name in sampler.config.bound_names if name.endswith("cache_dir")]
    mine = load_sampler(folder, bindings=[f"folder.cache_dir = '{tmp_path / 'mine'}'"])
    assert [name for name in mine.config.bound_names if name.endswith("cache_dir")] == ["folder.cache_dir"]


def test_networks_that_only_the_record_names_are_refused(of_a_stranger, tmp_path):
    network = f"feature_network.path = '{tmp_path / 'model'}'"
    folder = of_a_stranger("feature_network.name = 'saved_model'", network)
    model, images = compare_gan2.load(folder), np.zeros([8, 32, 32, 1], np.uint8)
    with pytest.raises(
        NotTrustedError, match="feature_network.path: the record of the run names .*model, which can exec"
    ):
        compare_gan2.evaluate(model, images, metrics=["fid"])
    named = ({"network_path": str(tmp_path / "model")}, {"bindings": network}, {"trust": True})
    for given in named:  # which is then looked for
        with pytest.raises(ConfigError, match="cannot use .*model.*there is no such directory"):
            compare_gan2.evaluate(model, images, metrics=["fid"], **given)
    again = compare_gan2.load(folder, bindings=network)
    with pytest.raises(ConfigError, match="there is no such directory"):
        compare_gan2.evaluate(again, images, metrics=["fid"])
