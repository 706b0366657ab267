"""Losses of embeddings against NumPy, example by example; tests/gans/test_label_heads.py has the rest."""

import numpy as np
import pytest
import tensorflow as tf
from support.losses_in_numpy import one_hot

from compare_gan2.gans.contrastive_heads import ContraGan, ReacGan

RANDOM = np.random.RandomState(4)
EMBEDDINGS, PROXIES = RANDOM.standard_normal([7, 4]), RANDOM.standard_normal([3, 4])
LABELS = np.array([0, 1, -1, 2, 1, 1, 0])


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def expected(of_image):
    known = [i for i, label in enumerate(LABELS) if label >= 0]
    values = []
    for i in known:
        to_proxy = cosine(EMBEDDINGS[i], PROXIES[LABELS[i]])
        same = [cosine(EMBEDDINGS[i], EMBEDDINGS[j]) for j in known if j != i and LABELS[j] == LABELS[i]]
        others = [cosine(EMBEDDINGS[i], EMBEDDINGS[j]) for j in known if LABELS[j] != LABELS[i]]
        values.append(of_image(to_proxy, np.array(same), np.array(others)))
    return np.mean(values)


def computed(head):
    given = (tf.constant(values, tf.float32) for values in (EMBEDDINGS, PROXIES, one_hot(LABELS)))
    return float(head.loss_of(*given))


@pytest.mark.parametrize("t", [1.0, 0.2])
def test_contragan(t):
    def of_image(to_proxy, same, others):
        positive = np.exp(to_proxy / t) + np.exp(same / t).sum()
        return -np.log(positive / (positive + np.exp(others / t).sum()))

    assert computed(ContraGan(temperature=t)) == pytest.approx(expected(of_image), rel=1e-5)


@pytest.mark.parametrize("t, margin", [(0.5, 0.98), (0.25, 0.6)])
@pytest.mark.parametrize("as_in_studiogan", [False, True])
def test_reacgan(t, margin, as_in_studiogan):
    def of_image(to_proxy, same, others):
        far = max(0.0, margin - to_proxy) / t
        shift = (max(np.concatenate([same, others])) + margin - 1) / t if as_in_studiogan else 0.0
        near = np.exp(np.maximum(others + margin - 1, 0) / t - shift)
        return far + np.log(np.exp(-far) + near.sum())

    head = ReacGan(temperature=t, margin=margin, as_in_studiogan=as_in_studiogan)
    assert computed(head) == pytest.approx(expected(of_image), rel=1e-5)


@pytest.mark.parametrize(
    "head", [ContraGan(temperature=0.01), ReacGan(temperature=0.01), ReacGan(as_in_studiogan=True)]
)
@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [1, -1, -1, -1], [-1, -1, -1, -1], [0, 1, 2, 0]])
def test_finite_whatever_the_labels(head, labels):
    embeddings = tf.constant(np.concatenate([EMBEDDINGS[:3], np.zeros([1, 4])]), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(embeddings)
        loss = head.loss_of(embeddings, tf.constant(PROXIES, tf.float32), tf.constant(one_hot(labels)))
    assert np.isfinite(loss) and np.all(np.isfinite(tape.gradient(loss, embeddings)))
