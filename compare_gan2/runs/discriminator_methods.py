"""What a trained model's discriminator and predictor of labels say of images: methods of `Model`."""

import contextlib

import numpy as np

from compare_gan2.config.library_call import library_call
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.given_images import given_images


class DiscriminatorMethods:
    """Base of `Model` with the methods that judge images; it needs `sampler`, sizes and `label_numbers`."""

    @library_call(checks=False)
    def discriminate(self, images: np.ndarray, labels: int | str | list | None = None) -> np.ndarray:
        """Logits float32 [N] of the discriminator, positive for real, at inference.

        Args:
            images: [N, H, W, C], uint8 in 0..255 or floats in [0, 1].
            labels: as of `sample`; -1 marks an image without a label. Unconditional models take None only.

        Raises:
            ConfigError: for images of another size, type or range, labels that are missing, or if batch norm in the
                discriminator keeps no statistics for inference.
        """
        images = given_images(images, self.image_shape)
        if self.num_classes is not None and labels is None:
            raise ConfigError("labels: expected a class for each image, since the model is conditional; -1 for none")
        numbers = self.label_numbers(labels, len(images))
        with _as_config_error("discriminate"):
            return self.sampler.discriminate(images, numbers)

    @library_call(checks=False)
    def predict_labels(self, images: np.ndarray, probabilities: bool = False) -> np.ndarray:
        """Classes int32 [N] that an S3GAN's predictor gives to images, or float32 [N, num_classes] probabilities.

        Args:
            images: [N, H, W, C], uint8 in 0..255 or floats in [0, 1].
            probabilities: return the probability of each class.

        Raises:
            ConfigError: for images of another size, type or range, or a model without a predictor.
        """
        images = given_images(images, self.image_shape)
        with _as_config_error("predict_labels"):
            found = self.sampler.predict_labels(images)
        return found if probabilities else found.argmax(axis=1).astype(np.int32)


@contextlib.contextmanager
def _as_config_error(name):
    """Context manager: what the networks cannot do is a `ConfigError` that names the method."""
    try:
        yield
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from error
