"""Rotated copies of images, and the loss of predicting their angle (Gidaris et al. 2018; Chen et al. 2019, SSGAN)."""

import tensorflow as tf

from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.image_size import in_pixels

NUM_ROTATIONS = 4


def require_square(image_shape, option):
    """Raises a `ConfigError` that names the option unless images of this (height, width, channels) can be rotated."""
    if image_shape[0] != image_shape[1]:
        height, width = image_shape[:2]
        raise ConfigError(
            f"{option}: rotations need square images, these have {in_pixels(height, width)}; crop them, or "
            f"bind {option} = 'none'"
        )


def rotate(images, quarter_turns):
    """Images [N, S, S, C] rotated counter-clockwise by 1, 2 or 3 quarters, like `np.rot90(images, k, axes=(1, 2))`.

    Raises:
        ValueError: for another number of quarters.
    """
    if quarter_turns == 1:
        return tf.reverse(tf.transpose(images, [0, 2, 1, 3]), [1])
    if quarter_turns == 2:
        return tf.reverse(images, [1, 2])
    if quarter_turns == 3:
        return tf.transpose(tf.reverse(images, [1]), [0, 2, 1, 3])
    raise ValueError(f"quarter_turns must be 1, 2 or 3, got {quarter_turns}")


def with_rotated_copies(images, labels, count):
    """Images and labels with copies of the last `count` images appended, rotated by 1, then 2, then 3 quarters.

    Args:
        images: [N, S, S, C].
        labels: [N, K] or None.
        count: how many images are copied; 0 for none.

    Returns:
        (images [N + 3 count, S, S, C], labels [N + 3 count, K] or None).
    """
    if not count:
        return images, labels
    last = images[-count:]
    copies = [rotate(last, turns) for turns in range(1, NUM_ROTATIONS)]
    if labels is not None:
        labels = tf.concat([labels, tf.tile(labels[-count:], [NUM_ROTATIONS - 1, 1])], 0)
    return tf.concat([images, *copies], 0), labels


def rotation_loss(logits, count):
    """(cross entropy, accuracy), scalars, of logits [4 count, 4]: `count` upright rows, then those of each angle."""
    targets = tf.repeat(tf.range(NUM_ROTATIONS), count)
    log_probabilities = tf.math.log(tf.nn.softmax(logits) + 1e-10)
    loss = -tf.reduce_mean(tf.gather(log_probabilities, targets, batch_dims=1))
    hits = tf.equal(tf.argmax(logits, axis=1, output_type=tf.int32), targets)
    return loss, tf.reduce_mean(tf.cast(hits, tf.float32))
