"""Settings to measure, by name: S3GAN with co-training as in its paper, at sizes for a few CPU cores."""

S3GAN = (
    "options.gan_class = @S3GAN",
    "options.architecture = 'resnet_biggan_arch'",
    "options.training_steps = 1",
    "options.z_dim = 120",
    "ModularGAN.conditional = True",
    "ModularGAN.g_use_ema = True",
    "ModularGAN.g_optimizer_fn = @tf.train.AdamOptimizer",
    "ModularGAN.g_lr = 5e-5",
    "ModularGAN.d_lr = 2e-4",
    "tf.train.AdamOptimizer.beta1 = 0.0",
    "tf.train.AdamOptimizer.beta2 = 0.999",
    "S3GAN.rotated_batch_fraction = 4",
    "S3GAN.project_y = True",
    "S3GAN.use_predictor = True",
    "loss.fn = @hinge",
    "weights.initializer = 'orthogonal'",
    "spectral_norm.singular_value = 'auto'",
    "standardize_batch.decay = 0.9",
    "standardize_batch.epsilon = 1e-5",
    "standardize_batch.use_moving_averages = False",
    "G.batch_norm_fn = @conditional_batch_norm",
    "G.spectral_norm = True",
    "D.spectral_norm = True",
    "resnet_biggan.Discriminator.project_y = False",
    "z.distribution_fn = @tf.random.normal",
    "eval_z.distribution_fn = @tf.random.normal",
)

SIZES = {  # name: (resolution, width, batch)
    "s3gan_32_width32": (32, 32, 32),
    "s3gan_32_width16": (32, 16, 64),
    "s3gan_64_width16": (64, 16, 16),
    "s3gan_32_width64": (32, 64, 32),
}
NUM_CLASSES = 10


def bindings(name):
    """Gin bindings of a preset."""
    _, width, batch = SIZES[name]
    widths = [f"resnet_biggan.{network}.ch = {width}" for network in ("Generator", "Discriminator")]
    return [*S3GAN, *widths, f"options.batch_size = {batch}"]


def image_shape(name):
    """(height, width, channels) of a preset."""
    return (SIZES[name][0], SIZES[name][0], 3)
