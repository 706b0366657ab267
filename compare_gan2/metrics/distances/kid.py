"""Kernel Inception Distance, https://arxiv.org/abs/1801.01401: the unbiased squared maximum mean discrepancy (MMD).

(Binkowski et al.) Its kernel is (x'y / num_features + 1)^3. Two estimators are in use, which differ by less than their
errors: `kid` cuts the images into blocks as TF-GAN and compare_gan do; `kid_of_subsets` draws overlapping random
subsets as torch-fidelity and clean-fid do. Neither depends on the order of the images. Sums are in float64; inner
products of float32 features are in float32, twice as fast, less an origin among them: see `_Centred`.
"""

import dataclasses
from typing import Annotated

import numpy as np

from compare_gan2.config.ranges import Count, Range, Seed
from compare_gan2.ground.progress_callback import tracked
from compare_gan2.metrics.input_checks import checked_features
from compare_gan2.metrics.origin import origin
from compare_gan2.metrics.row_order import in_content_order, shuffled_order

BlockSize = Annotated[int, Range(2, 2**20)]

_EXPONENT = 40  # of features whose squares are far from the limits of float32
_ROWS = 64  # of a kernel at a time, which stay in the processor's cache


@dataclasses.dataclass(frozen=True)
class Kid:
    """KID over blocks.

    Attributes:
        mean: over the blocks; about 0, possibly negative, for equal distributions.
        standard_error: of the mean, estimated from the spread of the blocks; None for a single block.
        block_size: most images in a block.
        num_blocks: number of blocks.
    """

    mean: float
    standard_error: float | None
    block_size: int
    num_blocks: int


@dataclasses.dataclass(frozen=True)
class SubsetKid:
    """KID over random subsets: mean and population standard deviation, which is not the error of the mean."""

    mean: float
    std: float
    subset_size: int
    num_subsets: int


def kid(
    real_features,
    fake_features,
    *,
    seed=0,
    max_block_size: BlockSize = 1024,
    images_in_order: bool = False,
    ddof=1,
    progress=None,
):
    """`Kid` from random blocks of real and of fake images, each image in one block; lower is better.

    There are as few blocks as possible; their sizes differ by one at most and the smaller ones come first.

    Args:
        real_features: [num_real, num_features].
        fake_features: [num_fake, num_features].
        seed: of the permutations that blocks are cut from, one of the real and one of the fake images.
        max_block_size: most images in a block.
        images_in_order: whether blocks are consecutive images in the order given, as in TF-GAN and compare_gan: right
            only for images in random order, very wrong for images sorted by class.
        ddof: the variance over blocks is divided by their number - ddof: 1 as in TF-GAN, 0 as in compare_gan.
        progress: function (done, total) called after each block.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, or a block with fewer than two images.
    """
    real, fake = checked_features("kid", real_features, fake_features, min_rows=2)
    num_blocks = number_of_blocks(len(real), len(fake), max_block_size)
    if not images_in_order:
        real = real[shuffled_order(real, seed, "kid: real")]
        fake = fake[shuffled_order(fake, seed, "kid: fake")]
    blocks = list(zip(_blocks(len(real), num_blocks), _blocks(len(fake), num_blocks), strict=True))
    real, fake = _centred(real, fake)
    values = [_unbiased_mmd(real.rows(of_real), fake.rows(of_fake)) for of_real, of_fake in tracked(blocks, progress)]
    error = None if num_blocks < 2 else float(np.std(values, ddof=ddof) / np.sqrt(num_blocks))
    return Kid(float(np.mean(values)), error, max_block_size, num_blocks)


def number_of_blocks(num_real, num_fake, max_block_size):
    """Number of blocks that `kid` cuts images into.

    Raises:
        ValueError: for a block with fewer than two images.
    """
    if max_block_size < 2:
        raise ValueError(f"kid.max_block_size: expected at least 2, got {max_block_size}")
    num_blocks = -(-max(num_real, num_fake) // max_block_size)
    smaller, larger = sorted((num_real, num_fake))
    if smaller < 2 * num_blocks:
        fitting = f"kid.max_block_size = {-(-larger // (smaller // 2))} or more" if smaller >= 2 else "more images"
        raise ValueError(
            f"kid.max_block_size: {max_block_size} gives {num_blocks} blocks, too many for at least 2 real and 2 fake"
            f" images in each, got {num_real} real and {num_fake} fake; bind {fitting}"
        )
    return num_blocks


def kid_of_subsets(
    real_features,
    fake_features,
    *,
    num_subsets: Count = 100,
    subset_size: BlockSize = 1000,
    subset_seed: Seed = 2020,
    images_in_order: bool = False,
    progress=None,
):
    """`SubsetKid` from random subsets, drawn without replacement within each; lower is better.

    The defaults, the random generator (NumPy's RandomState) and the order of draws (the fake subset first) are those of
    torch-fidelity, so with `images_in_order` equal features give equal numbers. clean-fid draws in the same way without
    a fixed seed.

    Args:
        real_features: [num_real, num_features], at least `subset_size` rows.
        fake_features: [num_fake, num_features], at least `subset_size` rows.
        num_subsets: number of pairs of subsets.
        subset_size: images in a subset.
        subset_seed: seed of the draws.
        images_in_order: whether the drawn numbers count the images in the order given, as in torch-fidelity and
            clean-fid; otherwise they count them in `row_order.content_order`.
        progress: function (done, total) called after each pair.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, or fewer images than a subset takes.
    """
    if subset_size < 2 or num_subsets < 1:
        raise ValueError(
            "kid_of_subsets.subset_size, kid_of_subsets.num_subsets: expected at least 2 and 1,"
            f" got {subset_size} and {num_subsets}"
        )
    real, fake = checked_features("kid_of_subsets", real_features, fake_features, min_rows=2)
    check_subset_size(len(real), len(fake), subset_size)
    if not images_in_order:
        real, fake = in_content_order(real), in_content_order(fake)
    num_real, num_fake = len(real), len(fake)
    real, fake = _centred(real, fake)
    random = np.random.RandomState(subset_seed)
    values = []
    for _ in tracked(range(num_subsets), progress):
        of_fake = fake.rows(random.choice(num_fake, subset_size, replace=False))
        of_real = real.rows(random.choice(num_real, subset_size, replace=False))
        values.append(_unbiased_mmd(of_real, of_fake))
    return SubsetKid(float(np.mean(values)), float(np.std(values)), subset_size, num_subsets)


def check_subset_size(num_real, num_fake, subset_size):
    """Raises a `ValueError` if `kid_of_subsets` cannot draw subsets of this size."""
    if subset_size > min(num_real, num_fake):
        smaller = min(num_real, num_fake)
        # Half of the images, since larger subsets overlap much, see `cautions.of_subsets`.
        advice = f"; bind kid_of_subsets.subset_size = {max(2, smaller // 2)}, which fits" if smaller >= 2 else ""
        raise ValueError(
            f"kid_of_subsets.subset_size: expected at most {smaller}, the smaller number of images, got {subset_size}"
            f"{advice}"
        )


def _blocks(count, num_blocks):
    """List of slices, in order, of `count` rows."""
    size, larger = divmod(count, num_blocks)
    sizes = [size] * (num_blocks - larger) + [size + 1] * larger
    ends = np.cumsum(sizes)
    return [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]


@dataclasses.dataclass(frozen=True)
class _Centred:
    """Features as x = middle + centred / scale, which give x'y / num_features + 1 as factor * c'd + offset + offset.

    Inner products of features far from the origin agree in their first digits, which float32 would spend its own on;
    those of centred features differ in all of them. The offsets are in float64.

    Attributes:
        centred: [num_images, num_features].
        offsets: float64 [num_images].
        factor: of inner products.
    """

    centred: np.ndarray
    offsets: np.ndarray
    factor: float

    def rows(self, indices):
        """The `_Centred` of some images."""
        return dataclasses.replace(self, centred=self.centred[indices], offsets=self.offsets[indices])


def _centred(real, fake):
    """(`_Centred` of real, of fake) in float32 if both are, otherwise in float64."""
    kind = np.float32 if real.dtype == fake.dtype == np.float32 else np.float64
    real, fake, exponent = real.astype(kind, copy=False), fake.astype(kind, copy=False), 0
    largest = max(real.max(), -real.min(), fake.max(), -fake.min())
    if kind == np.float32 and not 2.0**-_EXPONENT < largest < 2.0**_EXPONENT:
        exponent = -int(np.frexp(largest)[1])  # a power of two changes no digit
        real, fake = np.ldexp(real, exponent), np.ldexp(fake, exponent)
    middle, factor = origin(real), 2.0 ** (-2 * exponent) / real.shape[1]
    half = 0.5 * np.vdot(middle, middle.astype(np.float64))
    found = []
    for array in (real, fake):
        centred = array - middle
        offsets = factor * (np.einsum("ij,j->i", centred, middle, dtype=np.float64, casting="safe") + half) + 0.5
        found.append(_Centred(centred, offsets, factor))
    return found


def _unbiased_mmd(real, fake):
    products = real.centred @ fake.centred.T
    between = _sum_of_kernel(products, real.factor, real.offsets, fake.offsets) / products.size
    return _mean_off_diagonal(real) + _mean_off_diagonal(fake) - 2.0 * between


def _mean_off_diagonal(features):
    centred, offsets, factor = features.centred, features.offsets, features.factor
    products, count = centred @ centred.T, len(centred)
    return _sum_of_kernel(products, factor, offsets, offsets, own=True) / (count * (count - 1))


def _sum_of_kernel(products, factor, first_offsets, second_offsets, own=False):
    """Sum of (factor * product + first offset + second offset)^3 in float64 over all pairs, or all of two images."""
    total = 0.0
    for start in range(0, len(products), _ROWS):
        block = slice(start, start + _ROWS)
        roots = products[block] * np.float64(factor)
        roots += first_offsets[block, None]
        roots += second_offsets
        if own:
            np.fill_diagonal(roots[:, start:], 0.0)
        total += np.vdot(np.square(roots), roots)  # ten times as fast as a power of 3 in NumPy
    return total
