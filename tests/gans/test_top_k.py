import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.config.configuration import parse
from compare_gan2.gans.losses import Hinge, Loss
from compare_gan2.gans.relativistic_losses import RelativisticPairing
from compare_gan2.gans.top_k import TopK
from compare_gan2.ground.errors import ConfigError


def test_k_shrinks_after_each_epoch_down_to_a_share_of_the_batch():
    options = TopK(steps_per_epoch=10, decay=0.9, least_share=0.5)
    by_rule, k = [], 16.0
    for _ in range(12):
        by_rule.append(int(k))
        k = max(0.9 * k, int(0.5 * 16))
    assert [int(options.k(10 * epoch, 16)) for epoch in range(12)] == by_rule
    assert int(options.k(9, 16)) == 16 and int(options.k(10, 16)) == 14 and by_rule[-1] == 8


@pytest.mark.parametrize("compiles", [False, True])
def test_only_the_largest_logits_count(compiles):
    options, logits = TopK(steps_per_epoch=1, decay=0.5, least_share=0.25), tf.constant([[1.0], [4.0], [3.0], [2.0]])

    @tf.function(jit_compile=compiles)
    def loss_and_gradient(step):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = options.generator_loss(Hinge, [logits], step)
        return loss, tape.gradient(loss, logits)

    loss, gradient = loss_and_gradient(tf.constant(1, tf.int64))
    assert float(loss) == pytest.approx(-3.5)
    np.testing.assert_allclose(gradient[:, 0], [0, -0.5, -0.5, 0])
    assert float(loss_and_gradient(tf.constant(0, tf.int64))[0]) == pytest.approx(float(Hinge.generator(logits)))


def test_of_equal_logits_the_first_ones_count():
    options, logits = TopK(steps_per_epoch=1, decay=0.5, least_share=0.5), tf.zeros([4, 1])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = options.generator_loss(Hinge, [logits], 1)
    np.testing.assert_allclose(tape.gradient(loss, logits)[:, 0], [-0.5, -0.5, 0, 0])


def test_pairs_follow_the_fakes():
    options, fake, real = TopK(1, 0.5, 0.5), tf.constant([[1.0], [2.0]]), tf.constant([[5.0], [0.0]])
    loss = options.generator_loss(RelativisticPairing, [fake, real], 1)
    assert float(loss) == pytest.approx(np.log1p(np.exp(-2.0)), rel=1e-6)


@pytest.mark.parametrize(
    "bindings, message",
    [
        ([], "topk.steps_per_epoch: no value is given"),
        (["topk.steps_per_epoch = 0"], "topk.steps_per_epoch: expected a whole number from 1 to"),
        (["topk.steps_per_epoch = 5", "topk.decay = 1.5"], "topk.decay: expected a number above 0 and at most 1, got"),
        (["topk.steps_per_epoch = 5", "topk.least_share = -0.5"], "topk.least_share: expected a number above 0"),
    ],
)
def test_schedules_that_cannot_be(bindings, message):
    with pytest.raises(ConfigError, match=message):
        parse([], ["loss.top_k = @topk()", *bindings]).build(Loss)


def test_a_share_of_less_than_one_example():
    with pytest.raises(ConfigError, match=r"topk.least_share: .* 8 examples .* at least 0.125, got 0.1"):
        TopK(steps_per_epoch=1, least_share=0.1).check_batch(8)
    TopK(steps_per_epoch=1, least_share=0.125).check_batch(8)
