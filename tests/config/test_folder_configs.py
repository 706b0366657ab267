"""The configurations for pictures of one's own train, at reduced width, on pictures in folders."""

import numpy as np
import pytest
from PIL import Image
from support import tiny_run

from compare_gan2.config.config_files import shipped_names
from compare_gan2.config.configuration import parse
from compare_gan2.datasets.latents import EvaluationLabels

NAMES = [name for name in shipped_names() if name.startswith(("folder/", "emoji/"))]
# Each method and each part once: what the others include is among these, with other numbers, which SMALL sets aside.
DRY = ["emoji/biggan.gin", "folder/s3gan_co_128.gin"]  # small.gin trains S3GAN's step
TRAINED = ["folder/s2gan.gin", "folder/ssgan.gin"]
SMALL = {
    "run_config__tf_random_seed": 0,
    "options__z_dim": 12,
    "folder__resolution": 32,
    "resnet_biggan__Generator__ch": 2,
    "resnet_biggan__Discriminator__ch": 2,
    "resnet_biggan__Generator__blocks_with_attention": "''",
    "resnet_biggan__Discriminator__blocks_with_attention": "''",
    "options__training_steps": 1,
    "run_config__iterations_per_loop": 1,
}
PRETRAIN = {
    "resnet_v2__width": 4,
    "resnet_v2__blocks": [1],
    "pretrain__training_steps": 2,
    "pretrain__warmup_steps": 1,
    "pretrain__decay_steps": [],
    "pretrain__batch_size": 4,
    "pretrain__labelled_batch_size": 4,
    "pretrain__save_checkpoints_steps": 2,
    "pretrain__probe_images": 8,
    "pretrain__max_shift": 1,
}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder of drawings: wide, high, transparent and grey ones."""
    root = tmp_path_factory.mktemp("drawings")
    draw = np.random.RandomState(0)
    for name in ("a", "b"):
        (root / name).mkdir()
        for number in range(20):
            shape = [(8, 8, 3), (8, 12, 3), (12, 8, 4), (8, 8)][number % 4]
            Image.fromarray(draw.randint(0, 256, shape).astype(np.uint8)).save(root / name / f"{number:02}.png")
    return root


def trained(name, pictures, folder, **bindings):
    """`Result` of a run of one step."""
    more = PRETRAIN if "s2gan" in name else {}
    if "ssgan" in name:
        more = {"SSGAN__rotated_batch_size": 4}
    given = SMALL | more | {"folder__path": f"'{pictures}'"} | bindings
    return tiny_run.in_process(folder, tiny_run.TRAIN_ONLY, config=name, **given)


def require_one_step(result):
    require_estimates(result)
    assert any(line.startswith("trained to step 1 ") for line in result.out.splitlines()), result.out


def require_estimates(result):
    assert result.code == 0, result.err
    for start in ("dataset: folder:", "networks: ", "batch: ", "disk: "):
        assert any(line.startswith(start) for line in result.out.splitlines()), (start, result.out)
    assert "images of 32x32x3" in result.out and "bound but not used" not in result.out + result.err


def test_small_trains(tmp_path, pictures):
    result = trained("folder/small.gin", pictures, tmp_path / "run")
    require_one_step(result)
    for note in (
        "not square: 20 pictures, the largest square in the middle is taken (folder.crop)",
        "with an alpha channel or a transparent colour: 10 pictures, put on white (folder.background)",
        "grey: 10 pictures, taken as colours (folder.channels)",
        "smaller than folder.resolution (32), enlarged: 40 pictures (folder.smaller)",
    ):
        assert note in result.out


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
def test_trains(name, tmp_path, pictures):
    require_one_step(trained(name, pictures, tmp_path / "run"))


@pytest.mark.slow
@pytest.mark.parametrize("name", DRY)
def test_would_train(name, tmp_path, pictures):
    given = SMALL | {"folder__path": f"'{pictures}'"}
    result = tiny_run.in_process(tmp_path / "run", tiny_run.TRAIN_ONLY, "--dry_run", config=name, **given)
    require_estimates(result)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", NAMES)
def test_the_feature_network_is_the_one_that_is_at_hand(name):
    assert "feature_network" not in parse([name]).text


@pytest.mark.parametrize("name", [name for name in NAMES if "ssgan" not in name])
def test_scores_are_of_images_in_the_proportions_of_the_labels(name):
    assert parse([name]).bound_value(EvaluationLabels, "prior") == "empirical"


def test_without_a_folder(tmp_path):
    result = tiny_run.in_process(tmp_path / "run", config="folder/small.gin")
    assert result.code == 2
    assert "folder.path" in tiny_run.error_line(result)
    assert not (tmp_path / "run").exists()


def test_without_classes(tmp_path, pictures):
    result = tiny_run.in_process(
        tmp_path / "run",
        tiny_run.TRAIN_ONLY,
        config="folder/small.gin",
        folder__path=f"'{pictures / 'a'}'",
        options__z_dim=20,
    )
    assert result.code == 2
    assert "no classes; take an SSGAN such as folder/ssgan.gin" in tiny_run.error_line(result)
    assert not (tmp_path / "run").exists()
