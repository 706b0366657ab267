"""Random images in place of real ones, to try out a configuration without its data (`--data_fake_dataset`)."""

import numpy as np

NUM_IMAGES = 100
SEED = 547


def fake_images(image_shape, num_classes):
    """(images float32 [100,H,W,C], uniform in [0, 1); labels int32 [100]), all 1, or 0 if there is a single class."""
    images = np.random.RandomState(SEED).random_sample([NUM_IMAGES, *image_shape]).astype(np.float32)
    return images, np.full([NUM_IMAGES], 0 if num_classes == 1 else 1, np.int32)
