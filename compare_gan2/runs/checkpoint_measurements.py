"""What the watchdog measures at a checkpoint: a few images of the generator, what D says to them, singular values."""

import numpy as np

from compare_gan2.training.singular_values import largest_singular_values
from compare_gan2.training.watchdog_rules import MEASURED

IMAGES = 128  # of each kind: a share of them has a standard error of at most 4.4 %
_CLASSES = 10
_PER_CLASS = 10
_READ = 64  # training images at a time, among which those to train on are looked for


class CheckpointMeasurements:
    """Function (step) -> {name of `MEASURED`: number}, NaN for what the networks or the data do not allow.

    The same checkpoint gives the same numbers: latents follow from the seed and a purpose of their own, images are the
    first ones of their splits. Networks are those of the sampler, apart from those that train.

    Attributes:
        logits: {"real images", "held-out images", "generated images": float [n]} of the last checkpoint, as far as
            they could be measured.
        singular_values: {name of a network: the largest of its kernels} of the last checkpoint.

    Args:
        sampler: `Sampler`.
        ready: `ReadySampler` of it.
        dataset: `ImageDataset` that training sees.
        networks: those that train, whose kernels are read.
    """

    def __init__(self, sampler, ready, dataset, networks):
        self._sampler = sampler
        self._ready = ready
        self._dataset = dataset
        self._networks = networks
        self._real = None
        self.logits, self.singular_values = {}, {}

    def __call__(self, step):
        sampler = self._sampler
        if not self._ready.holds(step):  # else the picture of this checkpoint has loaded it
            self._ready(step)
        if self._real is None:
            self._real = _training_images(self._dataset, IMAGES), _held_out_images(self._dataset, IMAGES)
        (trained, _), _ = self._real
        fakes, labels = sampler.sample(IMAGES, "watchdog")
        real_spread = spread(trained) if len(trained) else float("nan")
        values = dict.fromkeys(MEASURED, float("nan"))
        self.singular_values = largest_singular_values(self._networks)
        if self.singular_values:
            values["singular_value"] = float(np.max(list(self.singular_values.values())))  # NaN if one is
        if real_spread > 0:
            values["spread"] = values["class_spread"] = spread(fakes) / real_spread
            if sampler.gan.conditional and sampler.gan.num_classes > 1:
                classes = sampler.sample_classes(range(min(sampler.gan.num_classes, _CLASSES)), _PER_CLASS)
                values["class_spread"] = min(map(spread, classes)) / real_spread
        return values | self._of_discriminator(fakes, labels)

    def _of_discriminator(self, fakes, labels):
        self.logits = {}
        try:
            of_trained, of_held_out = (self._logits(*images) for images in self._real)
            of_fakes = self._sampler.discriminate(fakes, labels)
        except ValueError:  # batch norm of this discriminator keeps no statistics for inference
            return {}
        found = {"real images": of_trained, "held-out images": of_held_out, "generated images": of_fakes}
        self.logits = {name: logits for name, logits in found.items() if len(logits)}
        values = {"logit_gap": float(np.mean(of_trained) - np.mean(of_fakes))} if len(of_trained) else {}
        if len(of_trained) and len(of_held_out):
            values["accuracy_train"] = float(np.mean(of_trained > 0))
            values["accuracy_held_out"] = float(np.mean(of_held_out > 0))
        return values

    def _logits(self, images, labels):
        if not len(images):
            return np.zeros([0], np.float32)
        if not self._sampler.labels_are_classes or self._dataset.num_classes is None:
            labels = np.full_like(labels, -1)  # held-out images have no such labels: none for either kind
        return self._sampler.discriminate(images, labels)


def spread(images):
    """Mean over pixels of their standard deviation over images [N, H, W, C]."""
    return float(np.mean(np.std(np.asarray(images, np.float64), axis=0)))


def _training_images(dataset, count):
    """(images [n, H, W, C], labels [n]): the first n <= count images that are trained on."""
    mask = dataset.train_mask
    wanted = np.arange(dataset.num_images("train")) if mask is None else np.flatnonzero(mask)
    wanted = wanted[:count]
    if not len(wanted):
        return np.zeros([0, *dataset.image_shape], np.float32), np.zeros([0], np.int32)
    images, labels, start = [], [], 0
    for batch, of_batch in dataset.batches("train", int(wanted[-1]) + 1, _READ):
        own = wanted[(wanted >= start) & (wanted < start + len(batch))] - start
        images.append(batch[own])
        labels.append(of_batch[own])
        start += len(batch)
    return np.concatenate(images), np.concatenate(labels)


def _held_out_images(dataset, count):
    count = min(count, dataset.num_test)
    if not count:
        return np.zeros([0, *dataset.image_shape], np.float32), np.zeros([0], np.int32)
    return dataset.test_images(count)
