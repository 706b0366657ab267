"""docs/files.md names every file, every scalar and every column that a run leaves."""

import fnmatch
import re

import numpy as np
import pytest
import tensorflow as tf
from support import tiny_run

import compare_gan2 as cg
from compare_gan2.augmentation.ada import Ada
from compare_gan2.augmentation.apa import Apa
from compare_gan2.run_folder.scores import COLUMNS
from documents import shown

PAGE = shown.ROOT / "docs" / "files.md"
BATCH, CLASSES = 8, 3
GANS = {
    "ModularGAN": (cg.ModularGAN, {}),
    "SSGAN": (cg.SSGAN, {"rotated_batch_size": 4}),
    "S3GAN": (cg.S3GAN, {"rotated_batch_fraction": 2, "project_y": True, "use_predictor": True}),
}
# Not left by the run below: its labels are not inferred, no score fails, the watchdog finds nothing, nobody stops it.
ELSEWHERE = {"scores_failed.csv", ".scores_failed.csv.sha256", "inferred_labels.json", "events.jsonl"}
ELSEWHERE |= {"rounds/", "model.ckpt-*.extra", ".inferred_labels.json.sha256"}
ELSEWHERE |= {"tracking.json", "wandb/"}  # no sink is bound


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("name", GANS)
def test_tags_of_a_gan(name):
    gan_class, options = GANS[name]
    generator = cg.make_generator("dummy_arch", image_shape=(4, 4, 1), z_dim=2, num_classes=CLASSES)
    discriminator = cg.make_discriminator("dummy_arch", image_shape=(4, 4, 1), num_classes=CLASSES)
    sizes = {"num_classes": CLASSES, "conditional": True, "z_dim": 2, "batch_size": BATCH, "disc_iters": 2}
    parts = {"augmentation": Ada(operations="noise"), "pseudo_augmentation": Apa()}  # what "all" has beside its own
    gan = gan_class(generator, discriminator, **sizes, **options, **parts)
    state, labels = cg.TrainState(gan), tf.constant(np.arange(BATCH) % CLASSES, tf.int32)
    images, latents = tf.random.uniform([BATCH, 4, 4, 1]), tf.random.normal([BATCH, 2])
    batch = {"images": images, "labels": labels, "latents": latents, "sampled_labels": labels}
    emitted = cg.TrainStep(gan, state)((batch, batch), state.step, cg.StepRandom(0, 0)).keys()
    documented = {
        tag
        for tags, classes, *_ in shown.table(PAGE, "## training.csv")
        if classes == "all" or name in classes.split(", ")
        for tag in names(tags)
    }
    assert set(emitted) == documented


def test_columns_of_scores():
    rows = shown.table(PAGE, "## Scores")
    assert [name for cells in rows for name in names(cells[0])] == list(COLUMNS)


@pytest.mark.slow
def test_files_of_a_run(tmp_path):
    folder = tmp_path / "run"
    done = tiny_run.quick(folder, run_config__best_metric='"fid"', labels__fraction=0.5)
    assert done.code == 0, done.err
    left = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    documented = [name for cells in shown.table(PAGE, "# The files of a run") for name in names(cells[0])]
    patterns = {re.sub(r"-N\b", "-*", name) for name in documented}
    assert not {name for name in left if not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)}
    assert {pattern for pattern in patterns if not fnmatch.filter(left, pattern)} == ELSEWHERE
