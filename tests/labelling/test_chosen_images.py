"""The images of a dataset that are worth a label."""

import dataclasses

import numpy as np
import pytest

from compare_gan2.datasets.open_dataset import open_dataset
from compare_gan2.datasets.sources import mnist_5k
from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.ground.errors import ConfigError, DataError
from compare_gan2.labelling.chosen_images import choose_images
from compare_gan2.labelling.selection_files import write_stored_labels
from compare_gan2.pretraining.make_inference import inference_of
from compare_gan2.runs.declarations import parse

CONFIG = ["mnist_5k/s3gan_co.gin"]


def test_one_digit_of_each_kind():
    chosen = choose_images(parse(CONFIG), 10, use_labels=False)
    images, labels, *_ = mnist_5k.load()
    assert sorted(labels[chosen.indices]) == list(range(10)) and chosen.names == list(map(str, chosen.indices))
    np.testing.assert_array_equal(chosen.images, images[chosen.indices].reshape(chosen.images.shape))
    assert chosen.in_words() == "10 of 4,000 training images of mnist_5k: typical, by digits"
    assert chosen.shares.sum() == pytest.approx(1) and chosen.labelled == 0


TINY = ["pretrain.training_steps = 2", "pretrain.batch_size = 4", "pretrain.probe_images = 20", "simclr.hidden = 4"]
TINY += ["resnet_v2.blocks = [1]", "resnet_v2.width = 2", "simclr.size = 4", "pretrain.warmup_steps = 0"]


def test_features_that_were_learned_without_labels_come_first(tmp_path):
    bindings = [*TINY, f"inferred_labels.cache_dir = '{tmp_path}'"]
    config = parse(["mnist_5k/s2gan_propagation.gin"], bindings)
    chosen = choose_images(config, 10, use_labels=False)
    assert chosen.bindings == ("labels.per_class = None",)  # with which a file of several per class counts whole
    assert chosen.network == "features of simclr" and "typical, by features of simclr" in chosen.in_words()
    (extractor,) = tmp_path.iterdir()
    run = inference_of(config, open_dataset(config, "mnist_5k"), get_strategy()[0])
    assert run.extractor.folder == extractor  # training takes what was pre-trained here
    again = choose_images(config, 10, use_labels=False)
    assert again.indices.tolist() == chosen.indices.tolist() and list(tmp_path.iterdir()) == [extractor]


def test_a_network_that_is_given_or_a_task_that_reads_labels_leaves_the_choice_to_the_network(tmp_path):
    for config, network in ((["mnist_5k/s2gan_propagation.gin"], "digits"), (["mnist_5k/s2gan.gin"], None)):
        bindings = [f"inferred_labels.cache_dir = '{tmp_path}'"]
        chosen = choose_images(parse(config, bindings), 3, use_labels=False, network=network)
        assert chosen.network == "digits" and not list(tmp_path.iterdir())


def test_stored_labels_of_the_choice_are_a_file_of_labels(tmp_path):
    chosen = choose_images(parse(CONFIG), 10, use_labels=False)
    write_stored_labels(tmp_path, chosen)
    _, labels, *_ = mnist_5k.load()
    found = open_dataset(
        parse(CONFIG, [f"labels.file = '{tmp_path / 'labels.csv'}'", "labels.fraction = 1.0"]), "mnist_5k"
    ).labels
    assert np.flatnonzero(found >= 0).tolist() == sorted(chosen.indices)
    np.testing.assert_array_equal(found[chosen.indices], labels[chosen.indices])
    for stored in (None, np.full([10], -1)):
        with pytest.raises(DataError, match="--stored_labels: .* 10 of 10 have none; label them on the page"):
            write_stored_labels(tmp_path, dataclasses.replace(chosen, stored=stored))


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
