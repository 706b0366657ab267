import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from compare_gan2.metrics.classification.neighbour_agreement import neighbour_agreement
from compare_gan2.metrics.precision_and_recall import nearest_neighbours


def clouds(seed, count=150, spread=1.5, classes=(0, 3)):
    """Features around a centre for each class, which overlap, and labels."""
    random = np.random.RandomState(seed)
    labels = np.array(classes)[random.randint(0, len(classes), count)]
    return (labels[:, None] + spread * random.normal(size=(count, 4))).astype(np.float32), labels


@pytest.mark.parametrize("neighbours", [1, 5])
def test_it_is_the_vote_of_the_nearest(neighbours, monkeypatch):
    monkeypatch.setattr(nearest_neighbours, "_BLOCK_BYTES", 8 * 150 * 40)  # several blocks
    (real, labels), (fake, asked) = clouds(0), clouds(1)
    found = neighbour_agreement(real, labels, fake, asked, neighbours=neighbours)
    vote = KNeighborsClassifier(neighbours, algorithm="brute")
    assert found.fake == vote.fit(real, labels).score(fake, asked)
    others = [np.arange(len(real)) != index for index in range(len(real))]
    hits = [
        vote.fit(real[kept], labels[kept]).predict(real[[index]])[0] == labels[index]
        for index, kept in enumerate(others)
    ]
    assert found.real == np.mean(hits)
    assert 0.6 < found.fake < 1.0 and 0.6 < found.real < 1.0


def test_labels_that_are_not_met_agree_as_random_ones_do():
    real, labels = clouds(0, 900, 0.1, classes=(0, 1, 2))
    fake, asked = clouds(1, 900, 0.1, classes=(0, 1, 2))
    assert neighbour_agreement(real, labels, fake, asked).fake > 0.99
    shuffled = neighbour_agreement(real, labels, fake, np.random.RandomState(2).permutation(asked))
    assert 0.28 < shuffled.fake < 0.39 and shuffled.real > 0.99


def test_of_classes_with_equally_many_votes_the_nearer_one_wins():
    real, labels = np.array([[1.0], [-2.0], [3.0], [-4.0], [50.0]]), np.array([7, 2, 7, 2, 2])
    assert neighbour_agreement(real, labels, np.zeros([1, 1]), np.array([7]), neighbours=4).fake == 1.0
    assert neighbour_agreement(-real, labels[::-1], np.zeros([1, 1]), np.array([7]), neighbours=4).fake == 0.0
    crossed = np.array([2, 7, 7, 2, 2])  # ranks 1 and 4 against 2 and 3 are equal; the class of the smaller number
    assert neighbour_agreement(real, crossed, np.zeros([1, 1]), np.array([2]), neighbours=4).fake == 1.0


def test_the_order_of_the_images_does_not_matter():
    (real, labels), (fake, asked) = clouds(0), clouds(1)
    order, of_fake = np.random.RandomState(3).permutation(150), np.random.RandomState(4).permutation(150)
    turned = neighbour_agreement(real[order], labels[order], fake[of_fake], asked[of_fake])
    assert turned == neighbour_agreement(real, labels, fake, asked)


def test_what_it_is_not_defined_for():
    (real, labels), (fake, asked) = clouds(0, 5), clouds(1, 9)
    with pytest.raises(ValueError, match="neighbour_agreement.neighbours: expected less than the 5 real images, got 5"):
        neighbour_agreement(real, labels, fake, asked)
    with pytest.raises(ValueError, match="neighbour_agreement: real: expected labels of at least 0, got -1"):
        neighbour_agreement(real, np.where(labels, -1, labels), fake, asked, neighbours=2)
    with pytest.raises(ValueError, match="neighbour_agreement: fake features: 9 of 9 rows hold NaN"):
        neighbour_agreement(real, labels, np.nan * fake, asked, neighbours=2)
