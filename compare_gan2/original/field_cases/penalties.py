"""Gradient penalties of a small discriminator, with their gradients for its weights."""

import tensorflow as tf

from compare_gan2.gans.penalties import dragan_penalty, max_gp, r1, r1_r2, r2, squared_slopes, wgangp_penalty
from compare_gan2.gans.relativistic_losses import RelativisticPairing

WEIGHTS = ("conv1/kernel", "conv1/bias", "conv2/kernel", "conv2/bias", "dense/kernel", "dense/bias")


def r1_and_r2(inputs, hyper):
    """R1, R2, and their sum with the paired loss."""
    real, fake, gamma = inputs["real"], inputs["fake"], hyper["gamma"]
    images = {"images": real, "fake_images": fake}

    def discriminate(images, fake=False):
        del fake  # no labels
        return discriminated(images, inputs)

    def d_loss():
        adversarial, _, _ = RelativisticPairing.discriminator(discriminate(real), discriminate(fake))
        return adversarial + gamma * r1_r2(discriminate=discriminate, **images)

    scalars = {
        "d_loss": d_loss,
        "r1_mean": lambda: 2.0 * r1(discriminate=discriminate, **images),
        "r2_mean": lambda: 2.0 * r2(discriminate=discriminate, **images),
    }
    real_logits, fake_logits = discriminate(real), discriminate(fake)
    return _with_gradients(scalars, inputs) | {
        "logits_real": tf.squeeze(real_logits, -1),
        "logits_fake": tf.squeeze(fake_logits, -1),
        "rpgan_per_example": tf.squeeze(RelativisticPairing.generator_values(real_logits, fake_logits), -1),
        "r1_per_example": squared_slopes(discriminate, real),
        "r2_per_example": squared_slopes(discriminate, fake),
        "studiogan_r1": r1(discriminate=discriminate, **images),
    }


def of_slopes(inputs, hyper):
    """WGAN-GP, DRAGAN and max-GP without coefficients."""
    del hyper
    given = {"images": inputs["real"], "fake_images": inputs["fake"]}
    # Ours moves from real images to fakes, by 1 - alpha of the definition.
    draws = {"penalty": 1.0 - tf.reshape(inputs["alpha"], [-1, 1, 1, 1])}
    of_dragan = {
        "penalty": inputs["dragan_uniform"],
        "penalty/alpha": tf.reshape(inputs["dragan_alpha"], [-1, 1, 1, 1]),
    }

    def value(penalty, draws, **options):
        discriminate = lambda images, fake=False: discriminated(images, inputs)  # noqa: E731
        return lambda: penalty(
            discriminate=discriminate, uniform=lambda shape, purpose: draws[purpose], **given, **options
        )

    scalars = {
        "wgan_gp": value(wgangp_penalty, draws, epsilon=0.0),
        "dragan": value(dragan_penalty, of_dragan, epsilon=0.0, as_in_studiogan=True),
        "max_gp": value(max_gp, draws),
    }
    return _with_gradients(scalars, inputs)


def discriminated(images, weights):
    """Logits [N, 1] of the recorded discriminator."""
    around = [[0, 0], [1, 1], [1, 1], [0, 0]]
    maps = tf.nn.conv2d(images, weights["conv1/kernel"], 1, around) + weights["conv1/bias"]
    maps = tf.nn.conv2d(tf.nn.leaky_relu(maps, 0.2), weights["conv2/kernel"], 2, around) + weights["conv2/bias"]
    features = tf.reshape(tf.nn.leaky_relu(maps, 0.2), [images.shape[0], -1])
    return features @ weights["dense/kernel"] + weights["dense/bias"]


def _with_gradients(scalars, inputs):
    """{name: value of each function, name/grad/weight: its gradient}."""
    found, weights = {}, [inputs[name] for name in WEIGHTS]
    for name, function in scalars.items():
        with tf.GradientTape() as tape:
            tape.watch(weights)
            found[name] = function()
        gradients = tape.gradient(found[name], weights, unconnected_gradients="zero")
        found |= {f"{name}/grad/{weight}": value for weight, value in zip(WEIGHTS, gradients, strict=True)}
    return found


CASES = {"gp_r1_r2": r1_and_r2, "gp_wgan_dragan_max": of_slopes}
