"""The functions of an export take any number of images, and draw what `Model.sample` draws."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from support.saved_model_folders import built, saved_model_of

from compare_gan2.datasets.latents import EvaluationLatents, normal, uniform
from compare_gan2.exporting.baked_networks import baked_networks
from compare_gan2.exporting.signatures import network_signatures, sample_signature


def names(specs):
    return [spec.name for spec in specs]


def test_signatures_are_those_that_the_model_has(models):
    for kind, expected in {
        "conditional": {
            "generate": ["latents", "labels"],
            "discriminate": ["images", "labels"],
            "predict_labels": ["images"],
            "sample": ["seed", "labels", "truncation"],
        },
        "unconditional": {
            "generate": ["latents"],
            "discriminate": ["images"],
            "sample": ["seed", "count", "truncation"],
        },
    }.items():
        networks = baked_networks(models[kind])
        found = {**network_signatures(models[kind], networks), "sample": sample_signature(models[kind], networks)}
        assert {name: names(specs) for name, (_, specs) in found.items()} == expected


@pytest.mark.parametrize("truncation", [None, 0.5])
def test_one_trace_samples_any_count(model, networks, truncation):
    function, specs = sample_signature(model, networks)
    sample = tf.function(function, input_signature=specs, autograph=False)
    for count, seed in ((1, 3), (6, -(2**40))):
        labels = [-1, 2, 0, 1, 1, 0][:count] if model.num_classes else None
        which = tf.constant(count if labels is None else labels)
        images = sample(tf.constant(seed, tf.int64), which, tf.constant(truncation or 0.0))["images"]
        expected = model.sample(count, labels, seed, truncation, dtype="float32")
        np.testing.assert_allclose(images, expected, atol=1e-5)
    assert sample.experimental_get_tracing_count() == 1


def test_a_class_that_does_not_exist_is_no_image_without_class(models):
    function, specs = sample_signature(models["conditional"], baked_networks(models["conditional"]))
    sample = tf.function(function, input_signature=specs, autograph=False)
    for label in (models["conditional"].num_classes, -2):
        with pytest.raises(tf.errors.InvalidArgumentError, match="labels: expected classes"):
            sample(tf.constant(3, tf.int64), tf.constant([0, label]), tf.constant(0.0))


@pytest.mark.parametrize(
    "latents", [EvaluationLatents(uniform), EvaluationLatents(functools.partial(normal, mean=0.5), stddev=2.0)]
)
def test_other_latents(latents, tmp_path):
    model = saved_model_of(built("modular"), tmp_path, latents)
    networks = baked_networks(model)
    function, specs = sample_signature(model, networks)
    assert "truncation" not in names(specs)
    inputs = [tf.constant(5, tf.int64), tf.constant(3), tf.constant(0.0)][: len(specs)]
    np.testing.assert_allclose(function(*inputs)["images"], model.sample(3, seed=5, dtype="float32"), atol=1e-5)
