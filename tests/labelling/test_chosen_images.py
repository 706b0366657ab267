"""The images of a dataset that are worth a label."""

import numpy as np
import pytest

from compare_gan2.datasets.open_dataset import open_dataset
from compare_gan2.datasets.sources import mnist_5k
from compare_gan2.ground.errors import ConfigError
from compare_gan2.labelling.chosen_images import choose_images
from compare_gan2.runs.declarations import parse

CONFIG = ["mnist_5k/s3gan_co.gin"]


def test_one_digit_of_each_kind():
    chosen = choose_images(parse(CONFIG), 10, use_labels=False)
    images, labels, *_ = mnist_5k.load()
    assert sorted(labels[chosen.indices]) == list(range(10)) and chosen.names == list(map(str, chosen.indices))
    np.testing.assert_array_equal(chosen.images, images[chosen.indices].reshape(chosen.images.shape))
    assert chosen.in_words() == "10 of 4,000 training images of mnist_5k: typical, by digits"
    assert chosen.shares.sum() == pytest.approx(1) and chosen.labelled == 0


def test_labelled_images_are_not_chosen_again():
    config = parse(CONFIG, ["labels.fraction = 0.01"])
    labelled = np.flatnonzero(open_dataset(config, "mnist_5k").labels >= 0)
    chosen = choose_images(config, 20)
    assert chosen.labelled == len(labelled) == 40 and not set(chosen.indices) & set(labelled)
    assert "those least sure to a classifier of the 40 labelled ones" in chosen.in_words()


def test_a_file_of_labels_with_these_names_is_read(tmp_path):
    chosen = choose_images(parse(CONFIG), 10, use_labels=False)
    _, labels, *_ = mnist_5k.load()
    rows = [f"{name},{labels[index]}" for name, index in zip(chosen.names, chosen.indices, strict=True)]
    (tmp_path / "labels.csv").write_text("\n".join(["name,label", *rows]) + "\n")
    bindings = [f"labels.file = '{tmp_path / 'labels.csv'}'", "labels.fraction = 1.0"]
    found = open_dataset(parse(CONFIG, bindings), "mnist_5k").labels
    assert np.flatnonzero(found >= 0).tolist() == sorted(chosen.indices)
    np.testing.assert_array_equal(found[chosen.indices], labels[chosen.indices])
    again = choose_images(parse(CONFIG, bindings), 5)  # the second round knows the first one
    assert again.labelled == 10 and not set(again.indices) & set(chosen.indices)


@pytest.mark.parametrize(
    "bindings, count, message",
    [
        ([], 4001, "count: expected at most 3600, the training images without a label of mnist_5k, got 4001"),
        (["labels.fraction = 1.0"], 4001, "count: expected at most 4000, the training images of mnist_5k, got 4001"),
    ],
)
def test_more_than_there_are(bindings, count, message):
    with pytest.raises(ConfigError, match=message):
        choose_images(parse(CONFIG, bindings), count)
