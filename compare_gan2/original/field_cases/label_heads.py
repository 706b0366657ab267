"""Losses of the heads that use labels, with their gradients for what the heads say, and for proxies."""

import tensorflow as tf

from compare_gan2.gans.auxiliary_classifiers import (
    AuxiliaryClassifier,
    DiscriminativeClassifier,
    TwinAuxiliaryClassifier,
)
from compare_gan2.gans.contrastive_heads import ContraGan, ReacGan
from compare_gan2.gans.discriminator_calls import Judged
from compare_gan2.gans.label_heads import examples
from compare_gan2.gans.logits_heads import MultiHinge
from compare_gan2.gans.losses import Hinge
from compare_gan2.layers.weighted import ClassProjection


def acgan(inputs, hyper):
    """As PyTorch-StudioGAN has it: the discriminator classifies real images only."""
    weight = hyper["cond_lambda"]
    head = AuxiliaryClassifier(weight_d=weight, weight_g=weight, classify_fakes=False)
    real, fake = inputs["cls_real"], inputs["cls_fake"]
    labels = [tf.one_hot(inputs[f"labels_{side}"], real.shape[1]) for side in ("real", "fake")]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        with_labels = examples([real, fake], labels)
        (of_real,) = head.terms_of_discriminator(with_labels[0], None)
        (of_fake,) = head.terms_of_generator(with_labels[1])
    d_real, d_fake = inputs["d_real"][:, None], inputs["d_fake"][:, None]
    adversarial = Hinge.discriminator(d_real, d_fake)[0]
    return {
        "ce_real": of_real.value,
        "ce_real_grad": tape.gradient(of_real.value, real),
        "ce_fake": of_fake.value,
        "ce_fake_grad": tape.gradient(of_fake.value, fake),
        "d_loss_hinge": adversarial + of_real.weight * of_real.value,
        "g_loss_hinge": Hinge.generator(d_fake) + of_fake.weight * of_fake.value,
    }


def tacgan(inputs, hyper):
    """Both players' terms, of the paper and as PyTorch-StudioGAN has them."""
    weights = {"weight_d": hyper["cond_lambda"], "weight_g": hyper["cond_lambda"]}
    weights |= {"weight_twin_d": hyper["tac_dis_lambda"], "weight_twin_g": hyper["tac_gen_lambda"]}
    real, fake, twin = inputs["cls_real"], inputs["cls_fake"], inputs["twin_fake"]
    labels, num_classes = [inputs["labels_real"], inputs["labels_fake"]], real.shape[1]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake, twin])
        outputs = [tf.stack([real, real], 1), tf.stack([fake, twin], 1)]
        of_d, of_g = _both(TwinAuxiliaryClassifier(**weights), outputs, labels, num_classes)
    outputs = [tf.stack([real, real], 1), tf.stack([fake, fake], 1)]
    upstream = TwinAuxiliaryClassifier(as_in_studiogan=True, **weights)
    upstream_d, upstream_g = _both(upstream, outputs, labels, num_classes)
    return {
        "d_cond": of_d,
        "d_cond_grad_cls_real": tape.gradient(of_d, real),
        "d_cond_grad_twin_fake": tape.gradient(of_d, twin),
        "g_cond": of_g,
        "g_cond_grad_cls_fake": tape.gradient(of_g, fake),
        "g_cond_grad_twin_fake": tape.gradient(of_g, twin),
        "upstream_d_cond": upstream_d,
        "upstream_g_cond": upstream_g,
    }


def adcgan(inputs, hyper):
    """Both players' terms."""
    head = DiscriminativeClassifier(weight_d=hyper["cond_lambda"], weight_g=hyper["cond_lambda"])
    real, fake = inputs["cls_real"], inputs["cls_fake"]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        of_d, of_g = _both(head, [real, fake], [inputs["labels_real"], inputs["labels_fake"]], real.shape[1] // 2)
    return {
        "d_cond": of_d,
        "d_cond_grad_real": tape.gradient(of_d, real),
        "d_cond_grad_fake": tape.gradient(of_d, fake),
        "g_cond": of_g,
        "g_cond_grad_fake": tape.gradient(of_g, fake),
    }


def contragan(inputs, hyper):
    """2C loss under each setting."""
    found = {}
    for number, setting in enumerate(hyper["settings"]):
        found |= _contrastive(f"loss{number}", ContraGan(temperature=setting["temperature"]), inputs, hyper)
    return found


def reacgan(inputs, hyper):
    """D2D-CE under each setting, of the paper and as PyTorch-StudioGAN has it."""
    found = {}
    for number, setting in enumerate(hyper["settings"]):
        given = {"temperature": setting["temperature"], "margin": setting["m_p"]}
        found |= _contrastive(f"loss{number}", ReacGan(as_in_studiogan=True, **given), inputs, hyper)
        found |= _contrastive(f"paper_loss{number}", ReacGan(**given), inputs, hyper)
    return found


def multi_hinge(inputs, hyper):
    """Both players' losses of scores whose last one is that of "generated"."""
    head = MultiHinge(weight_g=hyper["mh_lambda"])
    real, fake = inputs["logits_real"], inputs["logits_fake"]
    num_classes = real.shape[1] - 1
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        of_real, of_fake = (
            Judged(None, scores, None, tf.one_hot(inputs[f"labels_{side}"], num_classes))
            for scores, side in ((real, "real"), (fake, "fake"))
        )
        of_d, of_g = head.discriminator_loss(of_real, of_fake)[0], head.generator_loss(of_fake)
    return {
        "d_loss": of_d,
        "d_loss_grad_real": tape.gradient(of_d, real),
        "d_loss_grad_fake": tape.gradient(of_d, fake),
        "g_loss": of_g,
        "g_loss_grad_fake": tape.gradient(of_g, fake),
    }


def projection(inputs, hyper):
    """Logits with the class term, and the gradients of their mean square."""
    del hyper
    labels = tf.one_hot(inputs["labels"], inputs["embedding"].shape[0])
    given = [inputs[name] for name in ("h", "kernel", "bias", "embedding")]
    with tf.GradientTape() as tape:
        tape.watch(given)
        features, kernel, bias, embedding = given
        logits = tf.matmul(features, kernel) + bias + ClassProjection.class_term(labels, features, embedding)
        square = tf.reduce_mean(tf.square(logits))
    gradients = zip(("h", "kernel", "bias", "embedding"), tape.gradient(square, given), strict=True)
    return {"logits": logits[:, 0], "mean_square": square} | {f"mean_square_grad_{name}": g for name, g in gradients}


def _both(head, outputs, labels, num_classes):
    """Weighted sums of a head's terms in the discriminator's and in the generator's loss."""
    real, fake = examples(outputs, [tf.one_hot(numbers, num_classes) for numbers in labels])
    sums = []
    for terms in (head.terms_of_discriminator(real, fake), head.terms_of_generator(fake)):
        sums.append(tf.add_n([term.weight * term.value for term in terms]))
    return sums


def _contrastive(name, head, inputs, hyper):
    embeddings, proxies = inputs["embed"], inputs["proxies"]
    with tf.GradientTape() as tape:
        tape.watch([embeddings, proxies])
        loss = head.loss_of(embeddings, proxies, tf.one_hot(inputs["labels"], hyper["num_classes"]))
    of_embeddings, of_proxies = tape.gradient(loss, [embeddings, proxies])
    return {name: loss, f"{name}_grad_embed": of_embeddings, f"{name}_grad_proxies": of_proxies}


CASES = {
    "acgan": acgan,
    "adcgan": adcgan,
    "contragan_2c": contragan,
    "multi_hinge": multi_hinge,
    "projection": projection,
    "reacgan_d2dce": reacgan,
    "tacgan": tacgan,
}
