import numpy as np
from support.tiny_pretraining import dataset

from compare_gan2.pretraining.generated_images import with_generated


def test_labelled_images_and_generated_ones_are_trained_on_and_the_test_split_stays():
    given, images = dataset(0.2), np.full([6, 8, 8, 1], 0.25, np.float32)
    found = with_generated(given, images, np.array([0, 0, 1, 1, 2, 2]))
    real = np.flatnonzero(given.labelled_mask)
    assert found.num_train == found.num_labelled == len(real) + 6 == 18 and found.labels is None
    (both, labels), *_ = found.batches("train", 18, 18)
    (originals, _), *_ = given.batches("train", len(real), 60, real)
    np.testing.assert_array_equal(both, np.concatenate([originals, images]))
    np.testing.assert_array_equal(labels, [*given.labels[real], 0, 0, 1, 1, 2, 2])
    for before, after in zip(given.test_images(20), found.test_images(20), strict=True):
        np.testing.assert_array_equal(before, after)
    assert found.num_test == 20 and found.source.content("test") == given.source.content("test")
    assert found.source.content("train") != given.source.content("train")
    seen = [int(example["index"]) for example in found.training_examples(0).take(18)]
    assert sorted(seen) == list(range(18))
