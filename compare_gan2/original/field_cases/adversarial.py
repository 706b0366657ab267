"""Adversarial losses with their gradients for logits."""

import tensorflow as tf

from compare_gan2.gans import losses, relativistic_losses
from compare_gan2.gans.feature_matching import FeatureMatching
from compare_gan2.gans.top_k import TopK

POINTWISE = {
    "logistic": losses.NonSaturating,
    "least_squares": losses.LeastSquaresOfLogits,
    "least_squares_lecam": losses.LeastSquaresLeCam,
    "hinge": losses.Hinge,
    "wasserstein": losses.Wasserstein,
}
RELATIVISTIC = {
    "rpgan": relativistic_losses.RelativisticPairing,
    "ragan_logistic": relativistic_losses.RelativisticAverageLogistic,
    "ragan_hinge_lecam": relativistic_losses.RelativisticAverageHingeLeCam,
}


def pointwise(inputs, hyper):
    """Losses of both players and their gradients."""
    del hyper
    return _losses(POINTWISE, inputs["d_real"], inputs["d_fake"])


def relativistic(inputs, hyper):
    """As `pointwise`, and the losses of each pair."""
    del hyper
    real, fake = inputs["d_real"], inputs["d_fake"]
    pairs = relativistic_losses.RelativisticPairing.generator_values
    of_pairs = {"rpgan/d_per_example": pairs(real, fake), "rpgan/g_per_example": pairs(fake, real)}
    return _losses(RELATIVISTIC, real, fake) | of_pairs


def feature_matching(inputs, hyper):
    """As PyTorch-StudioGAN has it."""
    del hyper
    fake = inputs["h_fake"]
    with tf.GradientTape() as tape:
        tape.watch(fake)
        loss = FeatureMatching(distance="l1").between(inputs["h_real"], fake)
    return {"loss": loss, "loss_grad_fake": tape.gradient(loss, fake)}


def top_k(inputs, hyper):
    """k after each epoch, and the generator's losses in some."""
    options = TopK(steps_per_epoch=1, decay=hyper["gamma"], least_share=hyper["nu"])
    fake, epochs = inputs["d_fake"], range(hyper["epochs"])
    found = {
        "k_float": tf.stack([options.k_before_rounding(epoch, hyper["batch"]) for epoch in epochs]),
        "k_used": tf.stack([options.k(epoch, hyper["batch"]) for epoch in epochs]),
    }
    for name in ("hinge", "logistic"):
        for epoch in hyper["loss_epochs"]:
            with tf.GradientTape() as tape:
                tape.watch(fake)
                loss = options.generator_loss(POINTWISE[name], [fake[:, None]], epoch)
            found[f"{name}/g_loss_epoch{epoch}"] = loss
            found[f"{name}/g_loss_grad_epoch{epoch}"] = tape.gradient(loss, fake)
    return found


def _losses(table, real, fake):
    found = {}
    for name, loss in table.items():
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([real, fake])
            of_d = loss.discriminator(real[:, None], fake[:, None])[0]
            of_g = loss.generator(fake[:, None], *([real[:, None]] if loss.relativistic else []))
        found |= {f"{name}/d_loss": of_d, f"{name}/g_loss": of_g}
        found[f"{name}/d_loss_grad_real"], found[f"{name}/d_loss_grad_fake"] = tape.gradient(of_d, [real, fake])
        found[f"{name}/g_loss_grad_fake"] = tape.gradient(of_g, fake)
    return found


CASES = {
    "adv_pointwise": pointwise,
    "adv_relativistic": relativistic,
    "feature_matching": feature_matching,
    "topk": top_k,
}
