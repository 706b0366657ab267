"""Standing statistics beside a checkpoint: read back to the last bit, and never for another checkpoint."""

import numpy as np
import pytest
from support.bound_networks import bound_networks

from compare_gan2.layers.accumulators import accumulators
from compare_gan2.run_folder.standing_statistics import load, save, standing_path

DRAWN = {"num_samples": 64, "seed": 0}


@pytest.fixture
def generator():
    bindings = ["standardize_batch.use_moving_averages = False", "G.batch_norm_fn = @batch_norm"]
    return bound_networks("sndcgan_arch", bindings, (32, 32, 1), 4, None)[0]


@pytest.fixture
def checkpoint(tmp_path):
    (tmp_path / "model.ckpt-300.index").write_bytes(b"the first")
    return tmp_path / "model.ckpt-300"


def fill(generator, seed):
    random = np.random.RandomState(seed)
    for layer in accumulators(generator):
        for variable in layer.variables:
            variable.assign(random.uniform(size=variable.shape).astype(np.float32))


def values(generator):
    return [np.asarray(variable) for layer in accumulators(generator) for variable in layer.variables]


def test_come_back_to_the_last_bit(generator, checkpoint):
    assert not load(checkpoint, generator, DRAWN)
    fill(generator, 1)
    expected = values(generator)
    assert len(expected) > 3
    save(checkpoint, generator, DRAWN)
    assert standing_path(checkpoint).name == "standing-300.npz"
    fill(generator, 2)
    assert load(checkpoint, generator, DRAWN)
    for found, value in zip(values(generator), expected, strict=True):
        np.testing.assert_array_equal(found, value)


def test_those_of_another_checkpoint_or_drawn_otherwise_are_not_taken(generator, checkpoint):
    fill(generator, 1)
    save(checkpoint, generator, DRAWN)
    fill(generator, 2)
    before = values(generator)
    for changed in ({"num_samples": 65}, {"seed": 1}, {"latents": "uniform"}):
        assert not load(checkpoint, generator, DRAWN | changed)
    checkpoint.with_name("model.ckpt-300.index").write_bytes(b"trained again")
    assert not load(checkpoint, generator, DRAWN)
    for found, value in zip(values(generator), before, strict=True):
        np.testing.assert_array_equal(found, value)


def test_a_damaged_file_is_named_and_counts_as_missing(generator, checkpoint, caplog):
    save(checkpoint, generator, DRAWN)
    path = standing_path(checkpoint)
    path.write_bytes(path.read_bytes()[:100])
    assert load(checkpoint, generator, DRAWN) is False
    assert f"{path}: cannot be read as standing statistics" in caplog.text
    assert "they are accumulated again" in caplog.text
