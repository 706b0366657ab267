"""The three Inceptions of Inception score and FID, each with the input preparation it was published with.

All take images of 299x299; features are the 2,048 of the last pooling layer, logits are those before the softmax.
"""

import keras
import tensorflow as tf

from compare_gan2.ground.checksums import checksum_of_arrays
from compare_gan2.metrics.networks import tfgan_eval
from compare_gan2.metrics.networks.full_precision import full_precision
from compare_gan2.metrics.networks.resizers import resize
from compare_gan2.metrics.networks.saved_networks import frozen_graph, outputs_by_name, saved_model

SIZE = 299
NUM_FEATURES = 2048
V1_2015_ARCHIVE = "http://download.tensorflow.org/models/frozen_inception_v1_2015_12_05.tar.gz"
V1_2015_FILE = "inceptionv1_for_inception_score.pb"


def inception_input(images, resizer):
    """Input of the Inceptions of 2015, [N, 299, 299, 3] in [-1, 1), of images float32 [N, H, W, 1 or 3] in [0, 1].

    Values up to 255 are resized, then x -> (x - 128) / 128: the preparation of TF-GAN and of compare_gan.
    """
    return (_resized(images, resizer) - 128.0) / 128.0


def tfgan(path, resizer):
    """(function of images in [0, 1] to features and logits, checksum) of the Inception that TF-GAN publishes.

    Args:
        path: directory of its SavedModel, or a TF-Hub handle; None for the handle that TF-GAN names.
        resizer: a key of `RESIZERS`.
    """
    network, _, checksum = saved_model(tfgan_eval.load().INCEPTION_TFHUB if path is None else path)

    def evaluate(images):
        outputs = network(inception_input(images, resizer))
        return outputs_by_name(outputs, ["pool_3", "logits"], tf.shape(images)[0])

    return evaluate, checksum


def v1_2015(path, resizer):
    """(function, checksum) as `tfgan`, of the frozen graph of 2015-12-05, which compare_gan used.

    Args:
        path: its `.pb` file, or an archive or directory with that file; None for the published address.
        resizer: a key of `RESIZERS`.
    """
    network, checksum = frozen_graph(
        V1_2015_ARCHIVE if path is None else path, V1_2015_FILE, "Mul:0", ["pool_3:0", "logits:0"]
    )

    def evaluate(images):
        return [tf.reshape(output, [tf.shape(images)[0], -1]) for output in network(inception_input(images, resizer))]

    return evaluate, checksum


def keras_imagenet(path, resizer):
    """(function, checksum) as `tfgan`, of InceptionV3 of `keras.applications`: 1,000 logits of ImageNet.

    Args:
        path: file of its weights, top included; None: Keras downloads them and keeps a copy (KERAS_HOME).
        resizer: a key of `RESIZERS`.
    """
    with full_precision():
        whole = keras.applications.InceptionV3(weights=path or "imagenet", classifier_activation=None)
    model = keras.Model(whole.input, [whole.get_layer("avg_pool").output, whole.output])

    def evaluate(images):
        return model(_resized(images, resizer) / 127.5 - 1.0, training=False)

    return evaluate, checksum_of_arrays([weight.numpy() for weight in model.weights])


def _resized(images, resizer):
    if images.shape[-1] == 1:
        images = tf.repeat(images, 3, axis=-1)
    return resize(images * 255.0, SIZE, SIZE, resizer)
