"""Crops and resizes of one image [H,W,C]."""

import tensorflow as tf

from compare_gan2.datasets.seeds import ALGORITHM


def crop(image, method, seed):
    """A region of an image of any size.

    Args:
        image: [H,W,C], sizes may be unknown before it is read.
        method: "distorted": a square of at least half the area, anywhere; "random": the largest square, anywhere;
            "middle": the largest square, in the middle; "none": the whole image.
        seed: seed [2] of the stateless draws, for distorted and random.
    """
    height, width = tf.shape(image)[0], tf.shape(image)[1]
    side = tf.minimum(height, width)
    if method == "none":
        return image
    if method == "distorted":
        begin, size, _ = tf.image.stateless_sample_distorted_bounding_box(
            tf.shape(image),
            tf.zeros([1, 0, 4]),
            seed,
            min_object_covered=0.1,
            aspect_ratio_range=(1.0, 1.0),
            area_range=(0.5, 1.0),
            max_attempts=100,
            use_image_if_no_bounding_boxes=True,
        )
        return tf.slice(image, begin, size)
    room = tf.cast(tf.stack([height - side, width - side]), tf.float32)
    if method == "random":
        place = tf.random.stateless_uniform([2], seed, alg=ALGORITHM)
    elif method == "middle":
        place = 0.5
    else:
        raise ValueError(f"crop: expected distorted, random, middle or none, got {method!r}")
    top, left = tf.unstack(tf.cast(place * room, tf.int32))
    return image[top : top + side, left : left + side]


def middle(image, side):
    """The square of this side in the middle, with zeros where the image is smaller."""
    return tf.image.resize_with_crop_or_pad(image, side, side)


def resize(image, height, width):
    """Bilinear resize to [height,width,C] float32 as in TensorFlow 1: no half-pixel centres, no antialiasing."""
    # tf.image.resize gives other pixels, and the op's wrapper in tf.compat.v1 tells users to take tf.image.resize.
    size = [height, width]
    return tf.raw_ops.ResizeBilinear(
        images=image[tf.newaxis], size=size, align_corners=False, half_pixel_centers=False
    )[0]


def antialiased_resize(image, height, width):
    """Lanczos resize of [H,W,C] float32 in [0,1], with antialiasing; what it overshoots is cut off."""
    resized = tf.image.resize(image, [height, width], tf.image.ResizeMethod.LANCZOS3, antialias=True)
    return tf.clip_by_value(resized, 0.0, 1.0)
