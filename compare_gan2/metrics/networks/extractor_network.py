"""The features of a run of `compare_gan2 pretrain`: a network of your own images."""

import numpy as np
import tensorflow as tf

from compare_gan2.architectures.resnet_v2 import resnet_v2
from compare_gan2.ground.checksums import checksum_of_arrays
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.networks.full_precision import full_precision
from compare_gan2.metrics.networks.resizers import resize
from compare_gan2.run_folder import extractor_record
from compare_gan2.run_folder.checkpoint_files import checkpoint_path
from compare_gan2.run_folder.checkpoints import damage_of, load_network


def load(folder, resizer):
    """(function of images in [0, 1] to features and logits [N, 0], checksum, width of the features, shape it takes).

    Args:
        folder: of a run of `compare_gan2 pretrain`, given or in the cache.
        resizer: a key of `RESIZERS` that brings images to the size of its training, grey ones into three equal channels
            if those had three; None: images have to have its shape.

    Raises:
        ConfigError: if the folder holds no such run, or one that is not finished.
        DamagedFileError: if its record cannot be read.
    """
    record = extractor_record.read(folder)
    path = checkpoint_path(folder, record.training_steps)
    if damage := damage_of(path):
        is_there = path.with_name(f"{path.name}.index").exists()
        advice = "Train it again in another folder" if is_there else "The command that began it finishes it"
        raise ConfigError(
            f"feature_network.path: {folder} holds no finished pre-training: {path.name}: {damage}. {advice}"
        )
    with full_precision():
        model = resnet_v2(record.image_shape, record.network)
    load_network(path, model)
    height, width, channels = record.image_shape

    def evaluate(images):
        if images.shape[-1] == 1 and channels == 3:
            images = tf.repeat(images, 3, axis=-1)
        if resizer:
            images = resize(images * 255.0, height, width, resizer) / 255.0
        features = model(images, training=False)
        return features, tf.zeros([tf.shape(features)[0], 0])

    checksum = checksum_of_arrays([np.asarray(weight) for weight in model.weights])
    return evaluate, checksum, model.output_shape[-1], record.image_shape
