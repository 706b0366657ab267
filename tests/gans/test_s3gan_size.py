import tensorflow as tf
from catalogue import CONDITIONAL_GAN, Gan

from compare_gan2.layers import initializers


def test_published_size_of_the_discriminator_of_s3gan(monkeypatch):
    for name in initializers.INITIALIZERS:
        monkeypatch.setitem(initializers.INITIALIZERS, name, tf.keras.initializers.Zeros)
    bindings = (
        *CONDITIONAL_GAN,
        "options.architecture = 'resnet_biggan_arch'",
        "options.z_dim = 120",
        "resnet_biggan.Generator.ch = 2",  # only the discriminator is counted
        "resnet_biggan.Generator.blocks_with_attention = ''",
        "resnet_biggan.Discriminator.project_y = False",
        "S3GAN.rotated_batch_fraction = 2",
        "S3GAN.project_y = True",
        "S3GAN.use_predictor = True",
    )
    gan = Gan("S3GAN", bindings, image_shape=(128, 128, 3), num_classes=1000).make()

    def parameters(variables):
        return sum(variable.shape.num_elements() for variable in variables)

    sizes = {head.name: parameters(head.trainable_variables) for head in gan.heads}
    assert sizes == {
        "discriminator_rotation": 6_148,
        "discriminator_predictor": 1_537_000,
        "discriminator_projection": 1_536_000,
    }
    assert parameters(gan.discriminator.trainable_variables) == 86_446_370
    assert parameters(gan.discriminator_variables) == 89_525_518
