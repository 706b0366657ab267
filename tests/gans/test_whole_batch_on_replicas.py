"""What is computed from all examples together is the same on two replicas as on one device."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import SPECTRAL, Gan
from support.replicated_run import SHARED, trained

from compare_gan2.distribution.strategy import get_strategy

pytestmark = pytest.mark.usefixtures("unoptimized")
BASE = ("ModularGAN.conditional = True", "G.batch_norm_fn = @no_batch_norm", *SPECTRAL, *SHARED)
CASES = {
    "lecam": ("loss.fn = @ragan_hinge", "ModularGAN.regularizers = [@lecam()]", "lecam.start_step = 1"),
    "feature_matching": ("loss.fn = @hinge", "ModularGAN.regularizers = [@feature_matching(), @bcr()]"),
    "top_k": ("loss.fn = @rpgan", "loss.top_k = @topk()", "topk.steps_per_epoch = 1", "topk.decay = 0.8"),
    "max_gp": ("loss.fn = @ragan_logistic", "penalty.fn = @max_gp", "options.lamba = 0.1"),
    "heads": (
        *("loss.fn = @hinge", "ModularGAN.label_heads = [@contragan(), @reacgan(), @multi_hinge()]"),
        *("contragan.embedding_size = 5", "reacgan.embedding_size = 5"),
    ),
    "classifiers": ("ModularGAN.label_heads = [@acgan(), @tac(), @adc(), @projection()]",),
    "stylegan2": (
        *("options.architecture = 'stylegan2_arch'", "G.spectral_norm = False", "D.spectral_norm = False"),
        *("stylegan2.Generator.channel_max = 4", "stylegan2.Discriminator.channel_max = 4"),
        *("stylegan2.Generator.mapping_layers = 1", "stylegan2.Discriminator.mapping_layers = 1"),
        *("stylegan2.Generator.w_dim = 8", "stylegan2.Discriminator.group_size = 1", "penalty.fn = @r1"),
        *("penalty.every = 2", "ModularGAN.style_mixing = 0.5", "ModularGAN.regularizers = [@path_length()]"),
        *("path_length.every = 2", "ModularGAN.burn_in = @burn_in()", "burn_in.images = 24"),
    ),
    "logan": (
        *("loss.fn = @hinge", "G.batch_norm_fn = @conditional_batch_norm", "options.disc_iters = 1"),
        *("ModularGAN.latent_optimization = @latent_optimization()", "ModularGAN.augmentation = @diffaugment()"),
    ),
    "lazy": ("loss.fn = @rpgan", "penalty.fn = @r1_r2", "penalty.every = 2", "options.lamba = 0.5"),
}


class LabelledUnevenly(Gan):
    """Labels in the last third of the batch only, so that two replicas have not the same number of them."""

    def batch(self, seed=0, batch_size=8):
        batch = super().batch(seed, batch_size, unlabelled_every=batch_size)
        unknown = np.arange(batch_size) < 2 * batch_size // 3
        return batch | {"labels": tf.constant(np.where(unknown, -1, batch["labels"]))}


@pytest.mark.parametrize("name", CASES)
def test_two_replicas_equal_one_device(name):
    kind = LabelledUnevenly if name in ("heads", "classifiers") else Gan
    case = kind("ModularGAN", (*BASE, *CASES[name]))
    expected = trained(tf.distribute.get_strategy(), case, steps=4)
    strategy, _ = get_strategy(False, num_devices=2)
    actual = trained(strategy, case, steps=4)
    assert actual.keys() == expected.keys()
    for key, wanted in expected.items():
        scale = max(1.0, np.abs(wanted).max())
        np.testing.assert_allclose(actual[key], wanted, rtol=0, atol=1e-5 * scale, err_msg=key)
