"""Images of given inputs, computed in batches whose sizes do not show in the images."""

import numpy as np
import tensorflow as tf

MULTIPLE = 8  # rows; the last rows of other sizes are computed by scalar code, which rounds otherwise (CPU, AVX-512)


def in_full_batches(generate, latents, vectors, batch_size, on_images=None, psi=None):
    """Images [N, H, W, C] of inputs; image i is the same whatever the number of inputs and the size of the batches.

    The last batch is filled up with its last row, to the size of those before it or, if it is the only one, to a
    multiple of `MULTIPLE`; what that generates is discarded.

    Args:
        generate: function (latents [n, z_dim], vectors [n, num_classes] or None, psi [n] or None) -> images
            [n, H, W, C], tensors.
        latents: float32 [N, z_dim], N > 0.
        vectors: float32 [N, num_classes], or None.
        batch_size: most rows at a time, rounded up to a multiple of `MULTIPLE`.
        on_images: function (images made), called after each batch with their number in it.
        psi: truncation in w; None for none.
    """
    batch_size, parts = -(-batch_size // MULTIPLE) * MULTIPLE, []
    for start in range(0, len(latents), batch_size):
        count = min(batch_size, len(latents) - start)
        size = batch_size if start else -(-count // MULTIPLE) * MULTIPLE  # another size would be traced
        rows = start + np.minimum(np.arange(size), count - 1)
        given = None if vectors is None else tf.constant(vectors[rows])
        parts.append(generate(tf.constant(latents[rows]), given, *psi_of_rows(psi, size)).numpy()[:count])
        if on_images is not None:
            on_images(count)
    return np.concatenate(parts)


def psi_of_rows(psi, count):
    """Further arguments of a function of rows: truncation in w for each, which replicas can share; none without one."""
    return () if psi is None else (tf.fill([count], tf.constant(psi, tf.float32)),)


def filled(values, count):
    """Array [count, ...]: the last row repeated as often as rows are missing."""
    return values[np.minimum(np.arange(count), len(values) - 1)]
