"""How well a discriminator separates real from generated images, and how much better on its training images."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class DiscriminatorAccuracy:
    """Fractions between 0 and 1 of images that the discriminator judges correctly.

    Attributes:
        train: of real images it was trained on, judged real.
        test: of held-out real images, judged real.
        fake: of generated images, judged generated.
        gap: train - test; about 0 without memorisation, up to 1 with it.
    """

    train: float
    test: float
    fake: float
    gap: float


def discriminator_accuracy(train_logits, test_logits, fake_logits):
    """`DiscriminatorAccuracy`; an image is judged real if its logit is at least 0, a probability of 0.5.

    One pass over the images; compare_gan averaged over five random subsets of the training images.

    Args:
        train_logits: [any] or [any, 1] of real training images.
        test_logits: [any] or [any, 1] of real images held out.
        fake_logits: [any] or [any, 1] of generated images.

    Raises:
        ValueError: for NaN or infinity, another shape, or no images.
    """
    train = float(np.mean(_logits("train", train_logits) >= 0))
    test = float(np.mean(_logits("test", test_logits) >= 0))
    fake = float(np.mean(_logits("fake", fake_logits) < 0))
    return DiscriminatorAccuracy(train, test, fake, train - test)


def _logits(kind, array):
    logits = np.asarray(array, np.float64)
    if logits.size == 0 or logits.ndim not in (1, 2) or logits.size != len(logits):
        raise ValueError(
            f"discriminator_accuracy: {kind} logits: expected one per image, shape [N] or [N, 1], got {logits.shape}"
        )
    logits = logits.reshape(-1)
    bad = np.flatnonzero(~np.isfinite(logits))
    if bad.size:
        raise ValueError(
            f"discriminator_accuracy: {kind} logits: {bad.size} of {len(logits)} are NaN or infinity,"
            f" the first is that of image {bad[0]}"
        )
    return logits
