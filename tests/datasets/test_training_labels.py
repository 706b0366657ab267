import numpy as np
import pytest
from support.bound_dataset import opened as opened_as
from support.label_records import write_labels

from compare_gan2.datasets.labels.label_options import InferredLabels
from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining.label_files import write_label_files


def opened(*bindings, name="mnist_5k", **options):
    return opened_as(name, *bindings, **options)


def seen(dataset):
    examples = dataset.training_examples(0).take(dataset.num_train).as_numpy_iterator()
    return {int(example["index"]): example["label"] for example in examples}


def test_single_makes_one_class():
    dataset = opened("labels.source = 'single'")
    assert (dataset.num_classes, dataset.class_names, dataset.labels_are_classes) == (1, None, False)
    assert set(seen(dataset).values()) == {0} and np.all(dataset.test_images(50)[1] == 0)


def test_single_gives_an_unlabelled_dataset_a_class():
    assert opened("labels.source = 'single'", name="celeb_a", fake=True).num_classes == 1


def test_random_is_fixed_for_each_image_and_drawn_by_its_seed():
    first, again, other = (opened("labels.source = 'random'", f"labels.seed = {seed}") for seed in (1, 1, 2))
    assert (first.num_classes, first.class_names, first.labels_are_classes) == (10, None, False)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert 0.05 < np.mean(first.labels == other.labels) < 0.15
    assert 0.05 < np.mean(first.labels == first.source.training_labels()) < 0.15
    labels = seen(first)
    assert all(labels[number] == first.labels[number] for number in labels)


def test_random_labels_can_be_hidden_too():
    dataset = opened("labels.source = 'random'", "labels.per_class = 3")
    assert dataset.num_labelled == 30 and not dataset.labels_are_classes


def test_names_with_labels_of_their_own_refuse_a_source():
    with pytest.raises(ConfigError, match=r"labels\.source: .*random_class_imagenet_128 has random labels of its own"):
        opened("labels.source = 'single'", name="random_class_imagenet_128", fake=True)
    with pytest.raises(ConfigError, match=r"labels\.source: random labels are drawn among the classes, celeb_a has"):
        opened("labels.source = 'random'", name="celeb_a", fake=True)
    with pytest.raises(ConfigError, match=r"labels\.source: expected one of 'stored'"):
        opened("labels.source = 'guessed'")
    with pytest.raises(ConfigError, match=r"replace_labels\.file_pattern: this dataset has random labels of its own"):
        opened("labels.source = 'random'", "replace_labels.file_pattern = 'x'")


@pytest.mark.parametrize("fraction", [0.0, 1.01])
def test_fraction_out_of_range_is_refused(fraction):
    with pytest.raises(ConfigError, match=r"labels\.fraction: expected a number above 0 and at most 1"):
        opened(f"labels.fraction = {fraction}")


def test_label_distribution_counts_what_training_sees():
    dataset = opened("labels.fraction = 0.1", "labels.noise = 0.5", "labels.only_labelled = True")
    labels = list(seen(dataset).values())
    np.testing.assert_allclose(dataset.label_distribution, np.bincount(labels, minlength=10) / 400)
    assert dataset.labels_are_classes and dataset.label_distribution.max() != 0.1


def test_inferred_clusters_replace_all_labels(tmp_path):
    write_labels(tmp_path / "labels-train", [(str(n), n % 25) for n in range(4000)])
    inferred = InferredLabels(f"{tmp_path}/labels-{{split}}", 25, are_classes=False)
    dataset = opened("labels.fraction = 0.1", inferred=inferred)
    assert (dataset.num_classes, dataset.class_names, dataset.labels_are_classes) == (25, None, False)
    assert dataset.num_labelled == 4000
    np.testing.assert_array_equal(dataset.labels, np.arange(4000) % 25)
    np.testing.assert_allclose(dataset.label_distribution, np.full([25], 1 / 25))


def test_inferred_classes_keep_names_and_may_be_soft(tmp_path):
    logits = np.random.RandomState(0).randn(4000, 10)
    write_labels(tmp_path / "train", [(str(n), list(row)) for n, row in enumerate(logits)])
    dataset = opened(inferred=InferredLabels(f"{tmp_path}/train", 10, soft=True))
    assert dataset.has_soft_labels and dataset.labels_are_classes and dataset.class_names[3] == "3"
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(dataset.labels, expected, rtol=1e-5)
    np.testing.assert_allclose(dataset.label_distribution, expected.mean(axis=0), rtol=1e-5)


def test_files_that_say_what_they_are_need_no_other_option(tmp_path):
    """As `pretrain` prints their pattern; the manifest says which are soft and which are clusters."""
    names, logits = [str(number) for number in range(4000)], np.random.RandomState(0).randn(4000, 10)
    facts = {"dataset": "mnist_5k", "num_classes": 10, "kind": "soft"}
    soft = write_label_files(tmp_path / "soft", names, logits.astype(np.float32), facts)
    dataset = opened(f"replace_labels.file_pattern = {soft!r}")
    assert dataset.has_soft_labels and dataset.labels_are_classes and dataset.class_names[3] == "3"
    facts |= {"kind": "clusters"}
    as_many = write_label_files(tmp_path / "clusters10", names, np.arange(4000) % 10, facts)
    dataset = opened(f"replace_labels.file_pattern = {as_many!r}")
    assert (dataset.num_classes, dataset.class_names, dataset.labels_are_classes) == (10, None, False)
    more = write_label_files(tmp_path / "clusters25", names, np.arange(4000) % 25, facts | {"num_classes": 25})
    assert opened(f"replace_labels.file_pattern = {more!r}").num_classes == 25
    other = write_label_files(tmp_path / "hard", names, np.arange(4000) % 7, facts | {"kind": "hard", "num_classes": 7})
    with pytest.raises(
        ConfigError, match=r"replace_labels\.file_pattern: expected the 10 classes of mnist_5k, .* has 7"
    ):
        opened(f"replace_labels.file_pattern = {other!r}")


def test_logits_of_others_are_soft_labels(tmp_path):
    write_labels(tmp_path / "train", [(str(n), [4.0 * (n % 10 == k) for k in range(10)]) for n in range(4000)])
    assert opened(f"replace_labels.file_pattern = '{tmp_path}/train'").has_soft_labels
    write_labels(tmp_path / "train", [(str(n), [float("nan")] * 10) for n in range(4000)])
    with pytest.raises(ConfigError, match=r"replace_labels\.file_pattern: expected finite logits, got \[nan"):
        opened(f"replace_labels.file_pattern = '{tmp_path}/train'")


@pytest.mark.parametrize("braces", ["{x}", "{}", "{"])
def test_other_braces_in_a_pattern(braces):
    with pytest.raises(ConfigError, match=r"replace_labels\.file_pattern: expected no braces but those of {split}"):
        opened(f"replace_labels.file_pattern = 'labels-{braces}'")


def test_inferred_labels_of_another_dataset_are_refused(tmp_path):
    write_labels(tmp_path / "train", [(str(n), 0) for n in range(300)])
    with pytest.raises(ConfigError, match=r"300 records for 4000 training images: 3700 missing"):
        opened(inferred=InferredLabels(f"{tmp_path}/train", 10))
    with pytest.raises(ConfigError, match=r"inferred labels: expected the 10 classes of mnist_5k, got 3"):
        opened(inferred=InferredLabels(f"{tmp_path}/train", 3))
