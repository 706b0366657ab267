"""Crops and resizes of one image [H,W,C]."""

import tensorflow as tf

from compare_gan2.ground.seeds import ALGORITHM


def crop(image, method, seed):
    """A region of an image, of the image's type.

    Args:
        image: [H,W,C] of any size, which may be unknown when the graph is built.
        method: a `CropMethod`. "distorted": a square of at least half the area, anywhere, or the whole
            image where it is too long for one; "random": the largest square, anywhere; "middle": the largest square, in
            the middle; "none": the whole image.
        seed: seed int [2] of the stateless draws of "distorted" and "random".

    Raises:
        ValueError: for another method.
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
    """The square [side,side,C] in the middle of an image [H,W,C], with zeros where the image is smaller."""
    return tf.image.resize_with_crop_or_pad(image, side, side)


def resize(image, height, width):
    """Bilinear resize of [H,W,C] to float32 [height,width,C] as in TensorFlow 1.

    It has no half-pixel centres and no antialiasing.
    """
    # Not tf.image.resize, whose pixels differ, nor the op's wrapper in tf.compat.v1, which warns to use that instead.
    size = [height, width]
    return tf.raw_ops.ResizeBilinear(
        images=image[tf.newaxis], size=size, align_corners=False, half_pixel_centers=False
    )[0]


def antialiased_resize(image, height, width):
    """Lanczos resize of float32 [H,W,C] in [0, 1] to [height,width,C], with antialiasing; overshoot is clipped."""
    resized = tf.image.resize(image, [height, width], tf.image.ResizeMethod.LANCZOS3, antialias=True)
    return tf.clip_by_value(resized, 0.0, 1.0)
