"""Batches of pre-training, which can start at any step."""

import dataclasses

import tensorflow as tf

from compare_gan2.ground.seeds import ALGORITHM, fold


def pretraining_batches(dataset, options, start_step=0):
    """Infinite tf.data.Dataset; element k holds the inputs of update start_step + k.

    Args:
        dataset: `ImageDataset` with only the labels that the task may see.
        options: `PretrainOptions`.
        start_step: first update of the stream.

    Returns:
        Elements: dicts `images` float32 [batch_size,H,W,C] unless the task is "supervised", `labelled_images`
        [labelled_batch_size,H,W,C] and `labels` int32 [labelled_batch_size] if the task reads labels.
    """
    streams = {}
    if options.reads_all_images:
        streams["images"] = _stream(dataset, "all", options.batch_size, options, start_step)
    if options.reads_labels:
        labelled = dataclasses.replace(dataset, train_mask=dataset.labelled_mask)
        streams["labelled"] = _stream(labelled, "labelled", options.labelled_batch_size, options, start_step)

    def inputs(parts):
        batch = {"images": parts["images"]["image"]} if "images" in parts else {}
        if "labelled" in parts:
            batch |= {"labelled_images": parts["labelled"]["image"], "labels": parts["labelled"]["label"]}
        return batch

    return tf.data.Dataset.zip(streams).map(inputs).prefetch(2)


def _stream(dataset, purpose, batch_size, options, start_step):
    start = start_step * batch_size

    def distorted(position, example):
        image = distort(example["image"], options, fold(options.seed, f"distortions of {purpose}", position))
        return {"image": image, "label": example["label"]}

    examples = dataset.training_examples(options.seed, start).enumerate(start)
    if (options.max_shift or options.random_flip) and not options.compares_views:
        examples = examples.map(distorted, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    else:
        examples = examples.map(lambda _, example: {name: example[name] for name in ("image", "label")})
    return examples.batch(batch_size, drop_remainder=True)


def distort(image, options, seed):
    """Image [H,W,C] shifted by up to `max_shift` pixels over its mirrored border, and mirrored with probability 1/2."""
    draws = tf.random.stateless_uniform([3], seed, alg=ALGORITHM)
    shape = image.shape
    if options.max_shift:
        margin = options.max_shift
        padded = tf.pad(image, [[margin, margin], [margin, margin], [0, 0]], "REFLECT")
        top, left = tf.unstack(tf.cast(draws[:2] * (2 * margin + 1), tf.int32))
        image = tf.slice(padded, [top, left, 0], shape)
    if options.random_flip:
        image = tf.where(draws[2] < 0.5, tf.reverse(image, [1]), image)
    return tf.ensure_shape(image, shape)
