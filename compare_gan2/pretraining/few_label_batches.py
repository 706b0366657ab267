"""Batches of labelled images and of views of all images, which can start at any step."""

import dataclasses

import tensorflow as tf

from compare_gan2.ground.seeds import fold
from compare_gan2.pretraining.few_label_views import view

VIEWS = {  # of the unlabelled images
    "fixmatch": ("weak", "strong"),
    "flexmatch": ("weak", "strong"),
    "pseudo_label": ("weak",),
    "mean_teacher": ("weak", "weak"),
    "mixmatch": ("weak", "weak"),
}


def few_label_batches(dataset, options, few_labels, start_step=0):
    """Infinite tf.data.Dataset; element k holds the inputs of update start_step + k.

    Args:
        dataset: `ImageDataset` with only the labels that the task may see.
        options: `PretrainOptions`.
        few_labels: `FewLabelOptions`.
        start_step: first update of the stream.

    Returns:
        Elements: dicts `labelled_images` float32 [labelled_batch_size,H,W,C], `labels` int32 [labelled_batch_size],
        `views` tuple of [batch_size,H,W,C], and `index` int64 [batch_size], the images' numbers.
    """
    labelled = dataclasses.replace(dataset, train_mask=dataset.labelled_mask)
    kind = few_labels.views

    def of_labelled(position, example):
        seed = fold(options.seed, "views of labelled", position)
        return {"labelled_images": view(example["image"], kind, "weak", seed), "labels": example["label"]}

    def of_all(position, example):
        seeds = [fold(options.seed, f"view {number} of all", position) for number in range(2)]
        strengths = VIEWS[options.task]
        views = tuple(view(example["image"], kind, s, seed) for s, seed in zip(strengths, seeds, strict=False))
        return {"views": views, "index": example["index"]}

    streams = (
        _stream(labelled, of_labelled, options.labelled_batch_size, options.seed, start_step),
        _stream(dataset, of_all, options.batch_size, options.seed, start_step),
    )
    return tf.data.Dataset.zip(streams).map(lambda first, second: first | second).prefetch(2)


def _stream(dataset, function, batch_size, seed, start_step):
    start = start_step * batch_size
    examples = dataset.training_examples(seed, start).enumerate(start)
    examples = examples.map(function, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return examples.batch(batch_size, drop_remainder=True)
