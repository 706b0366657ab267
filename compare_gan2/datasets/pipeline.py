"""From a dataset to the inputs of training and scoring.

Training, in this order:
  1. the source gives examples in an order fixed by the data's seed and the position (read, hide labels, leave out
     unlabelled images if told to, permute each epoch);
  2. they are decoded, cropped and resized with seeds made of the data's seed and the position;
  3. as many as one step needs are batched;
  4. they are cut into sub-batches: one per update of the discriminator, and so on, as the step asks;
  5. each sub-batch gets latents and sampled labels with seeds made of the run's seed, the step and the sub-batch;
  6. one step is prefetched.
Nothing has a state, so the stream of step s is made without running through the steps before it.
"""

import numpy as np
import tensorflow as tf

from compare_gan2.configuration import ConfigError
from compare_gan2.datasets.seeds import ALGORITHM, fold


def training_batches(
    dataset,
    *,
    batch_size,
    sub_batches,
    seed,
    latents,
    z_dim,
    conditional,
    fit_label_distribution=False,
    data_seed=None,
    start_step=0,
):
    """Infinite tf.data.Dataset; element k holds the inputs of generator step start_step + k.

    Args:
        dataset: `ImageDataset`.
        batch_size: B, over all replicas.
        sub_batches: number of batches one step reads.
        seed: seed of latents and sampled labels.
        latents: `Latents`.
        z_dim: width of the latents.
        conditional: whether sampled labels are drawn; otherwise they are 0.
        data_seed: seed of order and crops; None: `seed`.
        start_step: first step of the stream.
        fit_label_distribution: sampled labels are those of the images (-1 where hidden) instead of uniform.

    Returns:
        Elements: tuples of `sub_batches` dicts `images` float32 [B,H,W,C] in [0,1], `labels` int32 [B] (-1:
        unlabelled; float32 [B,num_classes] if soft), `latents` float32 [B,z_dim], `sampled_labels` int32 [B], `index`
        int64 [B].

    Raises:
        ConfigError: if conditional and the dataset has no classes.
    """
    if conditional and dataset.num_classes is None:
        raise ConfigError(f"conditional: expected a dataset with labels, got {dataset.name}, which has none")
    num_classes = dataset.num_classes if conditional else None

    def sub_batch(step, number, examples):
        labels = examples["label"]
        sampled = _labels([batch_size], fold(seed, "sampled labels", step, number), num_classes)
        return {
            "images": examples["image"],
            "labels": labels,
            "latents": latents([batch_size, z_dim], fold(seed, "latents", step, number)),
            "sampled_labels": labels if conditional and fit_label_distribution else sampled,
            "index": examples["index"],
        }

    def inputs(step, examples):
        parts = {name: tf.split(values, sub_batches) for name, values in examples.items()}
        return tuple(sub_batch(step, i, {name: parts[name][i] for name in parts}) for i in range(sub_batches))

    per_step = batch_size * sub_batches
    examples = dataset.training_examples(seed if data_seed is None else data_seed, start_step * per_step)
    steps = tf.data.Dataset.range(start_step, tf.int64.max)
    return tf.data.Dataset.zip(steps, examples.batch(per_step, drop_remainder=True)).map(inputs).prefetch(1)


def evaluation_latents(
    latents, *, seed, purpose, batch_number, batch_size, z_dim, num_classes=None, label_distribution=None
):
    """Inputs of the generator outside training, the same for every checkpoint.

    Args:
        latents: `Latents`.
        seed: whole number.
        purpose: text that keeps draws for different uses apart, such as "scores".
        batch_number: whole number or scalar tensor.
        batch_size, z_dim: sizes of the latents.
        num_classes: labels are uniform in [0, num_classes); None: they are 0.
        label_distribution: probabilities [num_classes] of the labels in place of equal ones, or None.

    Returns:
        latents float32 [batch_size,z_dim], labels int32 [batch_size].
    """
    draw = latents([batch_size, z_dim], fold(seed, f"evaluation latents for {purpose}", batch_number))
    label_seed = fold(seed, f"evaluation labels for {purpose}", batch_number)
    if label_distribution is None or num_classes is None:
        return draw, _labels([batch_size], label_seed, num_classes)
    uniform = tf.random.stateless_uniform([batch_size], label_seed, dtype=tf.float64, alg=ALGORITHM)
    bounds = tf.constant(np.cumsum(label_distribution)[:-1], tf.float64)
    return draw, tf.searchsorted(bounds, uniform, side="right", out_type=tf.int32)


def _labels(shape, seed, num_classes):
    if num_classes is None:
        return tf.zeros(shape, tf.int32)
    return tf.random.stateless_uniform(shape, seed, 0, num_classes, tf.int32, alg=ALGORITHM)
