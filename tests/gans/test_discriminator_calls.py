"""One call of the discriminator on several parts, with and without a head that owns the logits."""

import numpy as np
import pytest
import tensorflow as tf
from support.losses_in_numpy import fakes, made, one_hot

from compare_gan2.architectures.base import DiscriminatorOutput
from compare_gan2.gans.discriminator_calls import Judged, outputs_of_parts


@pytest.mark.parametrize("head, kind", [(None, DiscriminatorOutput), ("projection", Judged), ("multi_hinge", Judged)])
def test_each_part_has_its_rows(head, kind):
    heads = [f"ModularGAN.label_heads = [@{head}()]"] if head else []
    _, gan = made("ModularGAN", "ModularGAN.conditional = True", "loss.fn = @hinge", *heads)
    images, labels = tf.constant(fakes()), tf.constant(one_hot([0, 1, 2, -1, 2, 1, 0, 2]))
    parts = [(images[:3], labels[:3]), (images[3:], labels[3:])]
    outputs = outputs_of_parts(gan, parts)
    assert [type(part) for part in outputs] == [kind, kind]
    expected = gan.predict(images, labels)
    for start, part in zip((0, 3), outputs, strict=True):
        rows = slice(start, start + part.logits.shape[0])
        np.testing.assert_allclose(part.logits, expected.logits[rows], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(part.features, expected.features[rows], rtol=1e-5)
        if head:
            np.testing.assert_array_equal(part.labels, labels[rows])
            assert (part.scores is not None) == (head == "multi_hinge")
