"""What the metrics of the registry need to be quick: smaller settings and a generator of twelve numbers."""

import numpy as np
import tensorflow as tf

from compare_gan2.metrics.samples import GeneratorAccess

QUICK = ["kid_of_subsets.subset_size = 50", "ms_ssim.batch_size = 8", "kid.max_block_size = 40", "prd.num_runs = 2"]


def generator():
    weights = tf.constant(np.random.RandomState(9).normal(size=(4, 12)), tf.float32)
    latents = tf.constant(np.random.RandomState(8).normal(size=(64, 4)), tf.float32)
    return GeneratorAccess(lambda z: tf.sigmoid(z @ weights), latents, tf.zeros([64], tf.int32))
