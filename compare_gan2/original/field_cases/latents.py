"""Latents that a discriminator moves: latent optimisation in training, Langevin dynamics of a trained model."""

import tensorflow as tf

from compare_gan2.gans.ddls import DDLS
from compare_gan2.gans.latent_optimization import LatentOptimization


def logan(inputs, hyper):
    """A step of the latents, logits before and after it, and the generator's loss with its gradients."""
    options = LatentOptimization(alpha=hyper["alpha"], beta=hyper["beta"], share=hyper["lo_rate"])
    weights = {key: value for key, value in inputs.items() if key.startswith(("g/", "d/"))}
    with tf.GradientTape() as tape:
        tape.watch(weights)
        moved, cost = options.moved(inputs["z"], lambda z: _logits(z, inputs), inputs["keep_draw"][:, None])
        after = _logits(moved, inputs)
        loss = -tf.reduce_mean(after)
    gradients = tape.gradient(loss, weights, unconnected_gradients="zero")
    before, slope = _with_gradient(inputs["z"], inputs)
    return {
        "score_before": before[:, 0],
        "score_after": after[:, 0],
        "z_gradient": slope,
        "z_optimised": moved,
        "transport_cost": cost,
        "g_loss": loss,
    } | {f"g_loss_grad/{key}": tf.convert_to_tensor(value) for key, value in gradients.items()}


def ddls(inputs, hyper):
    """Energy with its gradient, and the latents after each step as PyTorch-StudioGAN takes them."""
    options = DDLS(
        steps=hyper["steps"],
        rate=hyper["rate"],
        noise=hyper["noise_std"],
        decay=hyper["decay"],
        decay_steps=hyper["decay_steps"],
        as_in_studiogan=True,
    )
    latents, course = inputs["z"], []
    logits_of = lambda z: _logits(z, inputs)  # noqa: E731
    for step in range(options.steps):
        latents = options.after_step(latents, logits_of, inputs["noise_normal"][step], *options.schedule(step))
        course.append(latents)
    energy, slope = options.energy(inputs["z"], logits_of)
    return {"energy": energy, "energy_grad_z": slope, "z_after_step": tf.stack(course)}


def _logits(latents, inputs):
    """Logits [N, 1] of the images of latents."""
    images = tf.tanh(
        latents @ inputs["g/kernel"] + inputs["g/bias"] + tf.gather(inputs["g/embedding"], inputs["labels"])
    )
    hidden = tf.tanh(images @ inputs["d/kernel1"] + inputs["d/bias1"])
    return hidden @ inputs["d/kernel2"] + inputs["d/bias2"]


def _with_gradient(latents, inputs):
    with tf.GradientTape() as tape:
        tape.watch(latents)
        logits = _logits(latents, inputs)
    return logits, tape.gradient(logits, latents)


CASES = {"ddls": ddls, "logan": logan}
