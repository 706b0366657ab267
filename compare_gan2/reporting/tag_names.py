"""What scalars are called where people look at curves; columns of training.csv keep the names of the original."""

import re

_NAMES = {
    "loss/g": "loss/generator",
    "loss/d_real": "loss/discriminator on real images",
    "loss/d_fake": "loss/discriminator on generated images",
    "loss/d_adversarial": "loss/discriminator, adversarial part",
    "loss/cr": "loss/consistency of real images",
    "loss/bcr_real": "loss/consistency of real images",
    "loss/bcr_fake": "loss/consistency of generated images",
    "loss/zcr_d": "loss/consistency of near latents",
    "loss/zcr_g": "loss/distance of images of near latents",
    "loss/lecam": "loss/LeCam regularisation",
    "loss/orthogonal_g": "loss/orthogonality of the generator",
    "loss/orthogonal_d": "loss/orthogonality of the discriminator",
    "loss/feature_matching": "loss/distance of mean features",
    "loss/acgan_real": "loss/class of real images (AC-GAN)",
    "loss/acgan_fake": "loss/class of generated images (AC-GAN)",
    "loss/acgan_g": "loss/class of generated images (AC-GAN, generator)",
    "loss/tac_real": "loss/class of real images (TAC-GAN)",
    "loss/tac_twin_d": "loss/class of generated images by the twin (TAC-GAN)",
    "loss/tac_g": "loss/class of generated images (TAC-GAN, generator)",
    "loss/tac_twin_g": "loss/class of generated images by the twin (TAC-GAN, generator)",
    "loss/adc_real": "loss/class and origin of real images (ADC-GAN)",
    "loss/adc_fake": "loss/class and origin of generated images (ADC-GAN)",
    "loss/adc_g": "loss/class and origin of generated images (ADC-GAN, generator)",
    "loss/contragan_d": "loss/contrast of real images (ContraGAN)",
    "loss/contragan_g": "loss/contrast of generated images (ContraGAN)",
    "loss/reacgan_d": "loss/contrast of real images (ReACGAN)",
    "loss/reacgan_g": "loss/contrast of generated images (ReACGAN)",
    "loss/real_loss": "loss/rotation of real images",
    "loss/fake_loss": "loss/rotation of generated images",
    "loss/c_real_loss": "loss/rotation of real images",
    "loss/c_fake_loss": "loss/rotation of generated images",
    "loss/class_loss_real": "loss/predicted class of real images",
    "accuracy/real": "accuracy/rotation of real images",
    "accuracy/fake": "accuracy/rotation of generated images",
    "accuracy/d_rotation": "accuracy/rotation of real images",
    "accuracy/class": "accuracy/predicted class of real images",
    "augmentation/ada_p": "augmentation/probability of ADA",
    "augmentation/apa_p": "augmentation/probability of APA",
    "augmentation/real_sign": "augmentation/mean sign of logits of real images",
    "label_frac": "labels/share of real images with a label",
}


def readable_tag(tag):
    """The tag in words; one that is not of a GAN's step stays as it is.

    Args:
        tag: such as "loss/d_0", the discriminator's loss in the first update of a step.
    """
    update = re.fullmatch(r"loss/d_(\d+)", tag)
    if update:
        number = int(update.group(1))
        return "loss/discriminator" + (f" in update {number + 1}" if number else "")
    return _NAMES.get(tag, tag)
