"""What the metrics of the registry need to be quick: smaller settings and a generator of 12 x 12 pixels."""

import numpy as np
import tensorflow as tf

from compare_gan2.datasets.latents import Latents, normal
from support.known_generators import access, network

QUICK = ["kid_of_subsets.subset_size = 50", "ms_ssim.batch_size = 8", "kid.max_block_size = 40", "prd.num_runs = 2"]
QUICK += ["ppl.num_paths = 70", "gilbo.num_steps = 2", "gilbo.num_images = 70"]


def generator():
    weights = tf.constant(np.random.RandomState(9).normal(size=(4, 12 * 12)), tf.float32)

    def images(latents, labels=None):
        return tf.reshape(tf.sigmoid(latents @ weights), [-1, 12, 12, 1])

    return access(images, Latents(normal), 4)


def feature_network():
    """Its features are the images themselves."""
    return network(lambda images: tf.reshape(images, [len(images), -1]))
