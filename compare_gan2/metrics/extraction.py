"""From a stream of images to an `ImageSet`: checks, feature network on all replicas, reading ahead."""

import collections
import concurrent.futures
import itertools

import numpy as np
import tensorflow as tf

from compare_gan2.distribution.on_replicas import on_replicas
from compare_gan2.metrics.input_checks import check_finite, check_range
from compare_gan2.metrics.samples import ImageSet

_READ_AHEAD = 2  # batches
_END = object()


def extract(batches, count, network, *, what, keep_images=False, strategy=None, on_batch=None):
    """`ImageSet` of a stream of images.

    Args:
        batches: iterable of (images float32 [n, H, W, C] in [0, 1], labels [n] or None); read in a thread of its own.
        count: number of images in the stream.
        network: `FeatureNetwork`; None leaves out features and logits.
        what: whose images, for messages, such as "fake".
        keep_images: whether the images themselves are kept.
        strategy: tf.distribute strategy whose replicas share each batch; None for one.
        on_batch: called with the number of images done.

    Raises:
        ValueError: for another number of images, an image outside [0, 1], images that are all constant, or features
            that are not finite.
    """
    replicas = 1 if strategy is None else strategy.num_replicas_in_sync
    evaluate = None if network is None else on_replicas(network.evaluate, strategy)
    arrays, done, constant = {}, 0, True

    def keep(name, values):
        if name not in arrays:
            arrays[name] = np.empty((count, *values.shape[1:]), values.dtype)
        arrays[name][done : done + len(values)] = values

    for images, labels in _ahead(_joined(iter(batches), replicas)):
        if done + len(images) > count:
            raise ValueError(f"{what}: expected {count} images, got more")
        check_range(images, done, what)
        constant = constant and _all_constant(images)
        if network is not None:
            outputs = [np.asarray(output) for output in evaluate(tf.constant(images, tf.float32))]
            for name, values in zip(("features", "logits"), outputs, strict=True):
                check_finite(values, name, done, what)
                keep(name, values)
        if keep_images:
            keep("images", images)
        if labels is not None:
            keep("labels", np.asarray(labels, np.int32))
        done += len(images)
        if on_batch is not None:
            on_batch(done)
    if done != count:
        raise ValueError(f"{what}: expected {count} images, got {done}")
    if constant:
        raise ValueError(f"{what}: all {count} images are constant, none has two pixels that differ")
    return ImageSet(count, **arrays)


def _all_constant(images):
    flat = images.reshape(len(images), -1)
    return bool((flat == flat[:, :1]).all())


def _joined(batches, number):
    """The batches, `number` of them joined into one."""
    if number == 1:
        yield from batches
        return
    while group := list(itertools.islice(batches, number)):
        images, labels = zip(*group, strict=True)
        yield np.concatenate(images), None if labels[0] is None else np.concatenate(labels)


def _ahead(batches):
    """The batches, each read in a thread while the ones before it are in use."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pending = collections.deque(pool.submit(next, batches, _END) for _ in range(_READ_AHEAD))
        while (batch := pending.popleft().result()) is not _END:
            pending.append(pool.submit(next, batches, _END))
            yield batch
