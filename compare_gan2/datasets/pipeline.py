"""From a dataset to the inputs of training and scoring.

Training, in this order:
  1. the source gives examples in an order fixed by the data's seed and the position (read, hide labels, leave out
     unlabelled images if told to, permute each epoch);
  2. of several hosts each leaves out the positions that other hosts read;
  3. they are decoded, cropped and resized with seeds made of the data's seed and the position;
  4. as many as one step needs are batched;
  5. they are cut into sub-batches: one per update of the discriminator, and so on, as the step asks;
  6. each sub-batch gets latents and sampled labels with seeds made of the run's seed, the step and the sub-batch;
     a host takes its rows of those of all hosts;
  7. one step is prefetched.
Nothing has a state, so the stream of step s is made without running through the steps before it.
"""

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
    shard=(0, 1),
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
        shard: (index, count): of each sub-batch only the rows of this host, B / count of them; those of all hosts, one
            after the other, are what one host alone would get.

    Returns:
        Elements: tuples of `sub_batches` dicts `images` float32 [B,H,W,C] in [0,1], `labels` int32 [B] (-1:
        unlabelled; float32 [B,num_classes] if soft), `latents` float32 [B,z_dim], `sampled_labels` int32 [B], `index`
        int64 [B].

    Raises:
        ConfigError: if conditional and the dataset has no classes.
    """
    if conditional and dataset.num_classes is None:
        raise ConfigError(f"conditional: expected a dataset with labels, got {dataset.name}, which has none")
    index, count = shard
    if batch_size % count:
        raise ConfigError(f"options.batch_size: expected a multiple of the {count} hosts, got {batch_size}")
    num_classes = dataset.num_classes if conditional else None
    data_seed = seed if data_seed is None else data_seed
    per_host, per_step = batch_size // count, batch_size * sub_batches
    rows = slice(index * per_host, (index + 1) * per_host)

    def sub_batch(step, number, examples):
        labels = examples["label"]
        sampled = _labels([batch_size], fold(seed, "sampled labels", step, number), num_classes)[rows]
        return {
            "images": examples["image"],
            "labels": labels,
            "latents": latents([batch_size, z_dim], fold(seed, "latents", step, number))[rows],
            "sampled_labels": labels if conditional and fit_label_distribution else sampled,
            "index": examples["index"],
        }

    def inputs(step, examples):
        parts = {name: tf.split(values, sub_batches) for name, values in examples.items()}
        return tuple(sub_batch(step, i, {name: parts[name][i] for name in parts}) for i in range(sub_batches))

    def is_ours(position):
        row = position % batch_size
        return (rows.start <= row) & (row < rows.stop)

    examples = dataset.training_examples(data_seed, start_step * per_step, None if count == 1 else is_ours)
    steps = tf.data.Dataset.range(start_step, tf.int64.max)
    batches = examples.batch(per_host * sub_batches, drop_remainder=True)
    return tf.data.Dataset.zip(steps, batches).map(inputs).prefetch(1)


def evaluation_latents(latents, *, seed, purpose, batch_number, batch_size, z_dim, num_classes=None):
    """Inputs of the generator outside training, the same for every checkpoint.

    Args:
        latents: `Latents`.
        seed: whole number.
        purpose: text that keeps draws for different uses apart, such as "scores".
        batch_number: whole number or scalar tensor.
        batch_size, z_dim: sizes of the latents.
        num_classes: labels are uniform in [0, num_classes); None: they are 0.

    Returns:
        latents float32 [batch_size,z_dim], labels int32 [batch_size].
    """
    draw = latents([batch_size, z_dim], fold(seed, f"evaluation latents for {purpose}", batch_number))
    labels = _labels([batch_size], fold(seed, f"evaluation labels for {purpose}", batch_number), num_classes)
    return draw, labels


def _labels(shape, seed, num_classes):
    if num_classes is None:
        return tf.zeros(shape, tf.int32)
    return tf.random.stateless_uniform(shape, seed, 0, num_classes, tf.int32, alg=ALGORITHM)
