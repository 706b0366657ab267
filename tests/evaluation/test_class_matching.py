"""Classes of generated and real images are matched by their names, or by number with a warning."""

import unicodedata

import numpy as np
import pytest

from compare_gan2.evaluation.class_matching import matched
from compare_gan2.evaluation.sources import ImageSource
from compare_gan2.ground.class_names import normalised
from compare_gan2.ground.errors import ConfigError


def source(names, labels, num_classes=None, name="images", split="none"):
    labels = np.array(labels, np.int32)
    images = labels[:, None, None, None] * np.ones([1, 2, 2, 1], np.float32)
    return ImageSource(
        name=name,
        split=split,
        count=len(labels),
        image_shape=(2, 2, 1),
        num_classes=num_classes or (len(names) if names else int(labels.max()) + 1),
        batches=lambda: iter([(images[:2], labels[:2]), (images[2:], labels[2:])]),
        fingerprint=lambda: "",
        class_names=names,
    )


def read(source):
    images, labels = zip(*source.batches(), strict=True)
    return np.concatenate(images)[:, 0, 0, 0].tolist(), np.concatenate(labels).tolist()


def test_another_order_of_the_same_names():
    fake, real, how = matched(source(("zebra", "ant", "cow"), [0, 1, 2, 0]), source(("ant", "cow", "zebra"), [0, 1, 2]))
    assert how == "by name" and fake.class_names == ("ant", "cow", "zebra")
    assert read(fake) == ([0, 1, 2, 0], [2, 0, 1, 2]) and read(real) == ([0, 1, 2], [0, 1, 2])


def test_numbers_and_composed_letters_are_the_same_name():
    decomposed = unicodedata.normalize("NFD", "caf\u00e9")
    assert normalised("07") == normalised("7") == normalised("\u0667") and normalised("000") == "0"
    assert normalised("1" * 5000) == "1" * 5000 and normalised(decomposed) == "caf\u00e9" != decomposed
    fake, _, _ = matched(source((decomposed, "07"), [0, 1, 1]), source(("7", "caf\u00e9"), [0, 1, 1]))
    assert read(fake)[1] == [1, 0, 0]
    with pytest.raises(ConfigError, match="--fake: expected classes of different names, got '07' and '7'"):
        matched(source(("07", "7"), [0, 1, 1]), source(("7", "8"), [0, 1, 1]))


def test_other_classes_are_refused_or_left_out():
    fake, real = source(("zebra", "ant", "cow"), [0, 1, 2, 0]), source(("emu", "ant", "cow"), [0, 1, 2, 2])
    with pytest.raises(ConfigError, match="expected the same classes, only --fake has zebra, only --real has emu"):
        matched(fake, real)
    fake, real, how = matched(fake, real, "common")
    assert how == "common: ant, cow" and (fake.count, real.count) == (2, 3)
    assert (read(fake), read(real)) == (([1, 2], [0, 1]), ([1, 2, 2], [0, 1, 1]))
    with pytest.raises(ConfigError, match="--classes=common: no class of --fake is one of --real"):
        matched(source(("a",), [0, 0, 0]), source(("b",), [0, 0, 0]), "common")


def test_without_names_numbers_count_and_a_warning_says_so(caplog):
    fake, _, how = matched(source(None, [0, 1, 2]), source(("ant", "cow", "zebra"), [0, 1, 2]))
    assert how == "by number" and read(fake)[1] == [0, 1, 2]
    assert "classes are matched by number, since only one side has names (ant, cow, zebra)" in caplog.text
    caplog.clear()
    assert matched(source(None, [0, 1, 2]), source(("0", "1", "2"), [0, 1, 2]))[2] == "by name" and not caplog.text
    assert matched(source(None, [0, 0, 2]), source(None, [0, 1, 2]), by_same_record=True)[2] == "by number"
    assert not caplog.text
    with pytest.raises(ConfigError, match="--fake: its classes are numbers up to 3, the other side has only 3"):
        matched(source(None, [0, 1, 3]), source(("ant", "cow", "zebra"), [0, 1, 2]))
    with pytest.raises(ConfigError, match="--fake: its classes are numbers up to 10, mnist has 10 classes"):
        matched(source(None, [1, 1, 10]), source(None, [0, 1, 9], name="mnist", split="test"))
    with pytest.raises(ConfigError, match="expected named classes, those of --fake are numbers"):
        matched(source(None, [0, 1, 2]), source(("ant", "cow", "zebra"), [0, 1, 2]), "common")


def test_images_without_classes():
    unlabelled = source(None, [0, 0, 0])
    unlabelled = type(unlabelled)(**{**vars(unlabelled), "num_classes": None})
    assert matched(unlabelled, source(("a", "b"), [0, 1, 1]))[2] == "none"


def test_one_dataset_is_matched_by_name_if_its_names_are_no_longer_those_of_the_run():
    def of_run(*names):
        return matched(source(("ant", "cow"), [0, 1, 1]), source(names, [0, 1, 1]), by_same_record=True)

    assert read(of_run("cow", "ant")[0])[1] == [1, 0, 0]
    with pytest.raises(ConfigError, match="expected the same classes, only --real has bee"):
        of_run("ant", "bee", "cow")
    twice = source(("crane", "crane"), [0, 1, 1])  # as ImageNet has
    assert matched(twice, twice, by_same_record=True)[2] == "by name"
