import numpy as np
import pytest

from compare_gan2.config.configuration import parse
from compare_gan2.datasets.latents import EvaluationLatents, TrainingLatents, mismatch
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.seeds import fold
from compare_gan2.runs.draws import draw_latents

SHAPE = [200, 50]


def built(*bindings, target=TrainingLatents):
    return parse([], bindings).build(target)


def test_default_is_uniform_from_minus_one_to_one():
    draw = built()(SHAPE, fold(1, "test")).numpy()
    assert draw.dtype == np.float32 and -1 <= draw.min() < -0.99 and 0.99 < draw.max() < 1


def test_normal_takes_stddev_and_its_own_mean():
    latents = built("z.distribution_fn = @tf.random.normal", "z.stddev = 2.0", "tf.random.normal.mean = 5.0")
    draw = latents(SHAPE, fold(1, "test")).numpy()
    assert abs(draw.mean() - 5) < 0.1 and abs(draw.std() - 2) < 0.1


def test_values_of_z_win_over_those_of_the_distribution():
    draw = built("z.distribution_fn = @tf.random.uniform", "tf.random.uniform.minval = -9.0")(SHAPE, fold(1, "test"))
    assert draw.numpy().min() >= -1


def test_truncated_normal_stays_within_two_deviations():
    draw = built("z.distribution_fn = @tf.random.truncated_normal")(SHAPE, fold(1, "test")).numpy()
    assert 1.9 < draw.max() <= 2 and -2 <= draw.min() < -1.9


def test_normal_latents_about_another_mean_are_not_truncated():
    normal = built("z.distribution_fn = @tf.random.normal", "tf.random.normal.mean = 5.0")
    assert built("z.distribution_fn = @tf.random.normal").is_normal and not normal.is_normal
    with pytest.raises(ConfigError, match=r"normal latents of mean 0, the model has normal\(mean=5\.0, stddev"):
        draw_latents(normal, 2, 5, 0, truncation=0.5)
    cut = built("z.distribution_fn = @tf.random.truncated_normal", "tf.random.truncated_normal.mean = 5.0")
    assert cut.interval == (3.0, 7.0)


def test_long_names_of_the_original():
    bindings = "compare_gan.gans.modular_gan.z.maxval = 3.0", "compare_gan.eval_gan_lib.eval_z.maxval = 4.0"
    assert built(*bindings).maxval == 3.0 and built(*bindings, target=EvaluationLatents).maxval == 4.0


def test_wrong_type_is_refused():
    with pytest.raises(ConfigError, match=r"z\.distribution_fn: expected a function \(@name\), got 'normal' \(str\)"):
        built("z.distribution_fn = 'normal'")


def test_mismatch_is_reported():
    training = built("z.distribution_fn = @tf.random.normal", "tf.random.normal.mean = 1.0")
    message = mismatch(training, built(target=EvaluationLatents))
    assert "z = normal(mean=1.0, stddev=1.0)" in message and "eval_z = uniform(maxval=1.0, minval=-1.0)" in message


@pytest.mark.parametrize(
    "evaluation",
    [["eval_z.distribution_fn = @tf.random.normal"], ["eval_z.distribution_fn = @normal", "eval_z.minval=0.0"]],
)
def test_equal_distributions_match(evaluation):
    bindings = ["z.distribution_fn = @tf.random.normal", "tf.random.normal.mean = 1.0", *evaluation]
    assert mismatch(built(*bindings), built(*bindings, target=EvaluationLatents)) is None


def test_seeds_differ_by_seed_purpose_and_counter():
    seeds = [fold(1, "a", 0, 1), fold(2, "a", 0, 1), fold(1, "b", 0, 1), fold(1, "a", 1, 1), fold(1, "a", 0, 2)]
    assert len({tuple(seed.numpy()) for seed in seeds}) == 5
    np.testing.assert_array_equal(fold(1, "a", 0, 1), seeds[0])
