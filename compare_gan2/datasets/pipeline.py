"""From a dataset to the inputs of training and scoring.

Training, in this order:
  1. the source gives examples in an order fixed by the data's seed and the position: labels are hidden, unlabelled
     images are left out if so configured, and each epoch is permuted;
  2. they are decoded, cropped and resized, and flipped if so configured, with seeds made of the data's seed and the
     position;
  3. as many as one step needs are batched;
  4. they are cut into sub-batches, for example one per update of the discriminator;
  5. each sub-batch gets latents and sampled labels with seeds made of the run's seed, the step and the sub-batch;
  6. one step is prefetched.
With several hosts, each leaves out the positions of the others after 1. and cuts its part out of the draws of 5.
Nothing has a state, so the stream of step s is made without running through the steps before it.
"""

import numpy as np
import tensorflow as tf

from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.seeds import ALGORITHM, fold


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
    random_flip=False,
    shard=(0, 1),
):
    """Infinite tf.data.Dataset; element k holds the inputs of generator step start_step + k.

    Args:
        dataset: `ImageDataset`.
        batch_size: B, over all replicas.
        sub_batches: number of batches that one step reads.
        seed: seed of latents and sampled labels, a whole number.
        latents: `Latents`.
        z_dim: width of the latents.
        conditional: whether sampled labels are drawn; otherwise they are 0.
        data_seed: seed of order, crops and flips; None: `seed`.
        start_step: first step of the stream.
        fit_label_distribution: whether sampled labels are those of the images (-1 where hidden) instead of uniform.
        random_flip: mirror images left to right with probability 1/2.
        shard: (index, count) of this host; it gets B / count rows of each sub-batch, from row index * B / count on.

    Returns:
        Elements: tuples of `sub_batches` dicts; with b = B / count: `images` float32 [b,H,W,C] in [0, 1], `labels`
        int32 [b] (-1: unlabelled) or float32 [b,num_classes] if soft, `latents` float32 [b,z_dim], `sampled_labels`
        int32 [b], `index` int64 [b].

    Raises:
        ConfigError: if it is conditional and the dataset has no classes, or the batch cannot be divided evenly among
            the shards.
    """
    if conditional and dataset.num_classes is None:
        raise ConfigError(f"conditional: expected a dataset with labels, got {dataset.name}, which has none")
    shard_index, num_shards = shard
    if batch_size % num_shards:
        raise ConfigError(f"options.batch_size: expected a multiple of {num_shards} hosts, got {batch_size}")
    num_classes = dataset.num_classes if conditional else None
    size = batch_size // num_shards
    own = slice(shard_index * size, (shard_index + 1) * size)
    data_seed = seed if data_seed is None else data_seed

    def sub_batch(step, number, examples):
        labels = examples["label"]
        sampled = _labels([batch_size], fold(seed, "sampled labels", step, number), num_classes)[own]
        return {
            "images": examples["image"],
            "labels": labels,
            "latents": latents([batch_size, z_dim], fold(seed, "latents", step, number))[own],
            "sampled_labels": labels if conditional and fit_label_distribution else sampled,
            "index": examples["index"],
        }

    def inputs(step, examples):
        parts = {name: tf.split(values, sub_batches) for name, values in examples.items()}
        return tuple(sub_batch(step, i, {name: parts[name][i] for name in parts}) for i in range(sub_batches))

    def is_own(position):
        return position % batch_size // size == shard_index

    start = start_step * batch_size * sub_batches
    wanted = None if num_shards == 1 else is_own
    examples = dataset.training_examples(data_seed, start, wanted)
    if random_flip:
        examples = _flipped(examples, data_seed, start, wanted)
    steps = tf.data.Dataset.range(start_step, tf.int64.max)
    batches = examples.batch(size * sub_batches, drop_remainder=True)
    return tf.data.Dataset.zip(steps, batches).map(inputs).prefetch(1)


def _flipped(examples, seed, start, wanted):
    """The examples, about half of them mirrored left to right, as drawn for their positions in the stream."""
    positions = tf.data.Dataset.range(start, tf.int64.max)
    if wanted is not None:
        positions = positions.filter(wanted)

    def flip(position, example):
        turn = tf.random.stateless_uniform([], fold(seed, "flip", position), alg=ALGORITHM) < 0.5
        image = example["image"]
        return {**example, "image": tf.cond(turn, lambda: tf.reverse(image, [1]), lambda: image)}

    return tf.data.Dataset.zip(positions, examples).map(flip, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)


def evaluation_latents(latents, *, seed, purpose, batch_number, batch_size, z_dim, num_classes=None, distribution=None):
    """Latents and labels for the generator outside training, the same for every checkpoint.

    Args:
        latents: `Latents`.
        seed: whole number.
        purpose: text that separates draws for different uses, such as "scores".
        batch_number: whole number or scalar tensor.
        batch_size: number of latents.
        z_dim: their width.
        num_classes: labels are drawn from [0, num_classes); None: they are 0.
        distribution: probability of each class [num_classes]; None: uniform.

    Returns:
        (latents float32 [batch_size,z_dim], labels int32 [batch_size]).
    """
    draw = latents([batch_size, z_dim], fold(seed, f"evaluation latents for {purpose}", batch_number))
    labels_seed = fold(seed, f"evaluation labels for {purpose}", batch_number)
    if num_classes is not None and distribution is not None:
        return draw, _labels_from([batch_size], labels_seed, distribution)
    labels = _labels([batch_size], labels_seed, num_classes)
    return draw, labels


def _labels(shape, seed, num_classes):
    if num_classes is None:
        return tf.zeros(shape, tf.int32)
    return tf.random.stateless_uniform(shape, seed, 0, num_classes, tf.int32, alg=ALGORITHM)


def _labels_from(shape, seed, distribution):
    """int32 draws from a distribution over classes, by inverting its cumulative distribution function."""
    ends = np.cumsum(np.asarray(distribution, np.float64))
    drawn = tf.random.stateless_uniform(shape, seed, dtype=tf.float64, alg=ALGORITHM) * ends[-1]
    return tf.searchsorted(tf.constant(ends), drawn, side="right", out_type=tf.int32)
