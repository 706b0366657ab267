"""SSGAN: the discriminator also predicts by which angle images are rotated (Chen et al. 2019, sections 3 and 4)."""

import collections
from typing import Literal

import tensorflow as tf

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.config.matching import check_arguments
from compare_gan2.config.ranges import Count, NonNegative
from compare_gan2.gans.batch import concatenate
from compare_gan2.gans.head_rows import rows_of
from compare_gan2.gans.heads import rotation_head
from compare_gan2.gans.label_heads import flat
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.gans.rotation import NUM_ROTATIONS, require_square, rotation_loss
from compare_gan2.ground.errors import ConfigError

Outputs = collections.namedtuple("Outputs", ["logits", "scores", "features", "labels", "angles"])


@configurable("SSGAN", module="compare_gan.gans.ssgan")
class SSGAN(ModularGAN):
    """`ModularGAN` with a rotation head on the discriminator (Chen et al. 2019, sections 3 and 4).

    Args:
        self_supervision: "rotation_gan" (adversarial and rotation loss), "rotation_only" (rotation loss alone), "none"
            or None (adversarial loss alone).
        rotated_batch_size: rows of the rotation loss over all replicas; four for each image that is rotated.
        weight_rotation_loss_d: weight of the loss on real images in the discriminator's loss.
        weight_rotation_loss_g: weight of the loss on fake images in the generator's loss.
        rotated_fakes_take_real_labels: give rotated fakes the labels of the real images, as the original does.

    Raises:
        ConfigError: for options that contradict each other; `check_batch` refuses a `rotated_batch_size` that does not
            divide among replicas and angles, or exceeds four times the batch.

    Example:
        >>> gan = SSGAN(generator, discriminator, batch_size=64, rotated_batch_size=16, loss=losses.hinge)
        >>> gan.check_batch(num_replicas=2)  # 16 rows = 2 replicas x 2 images x 4 angles
        >>> state = TrainState(gan)
    """

    def __init__(
        self,
        *args,
        self_supervision: Literal["rotation_gan", "rotation_only", "none"] | None = "rotation_gan",
        rotated_batch_size: Count = REQUIRED,
        weight_rotation_loss_d: NonNegative = 1.0,
        weight_rotation_loss_g: NonNegative = 0.2,
        rotated_fakes_take_real_labels: bool = False,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        if rotated_batch_size is REQUIRED:
            raise ConfigError("SSGAN.rotated_batch_size: no value is given")
        check_arguments(
            SSGAN,
            {
                "rotated_batch_size": rotated_batch_size,
                "weight_rotation_loss_d": weight_rotation_loss_d,
                "weight_rotation_loss_g": weight_rotation_loss_g,
            },
        )
        self.require_one_call(self.split_calls, "SSGAN")
        self.adversarial = self_supervision != "rotation_only"
        self.rotates = self_supervision in ("rotation_gan", "rotation_only")
        self.sees.check(self.image_shape, self.loss, self.adversarial)
        if self.rotates:
            require_square(self.image_shape, "SSGAN.self_supervision")
        self.rotated_batch_size = rotated_batch_size
        self.weight_rotation_loss_d = weight_rotation_loss_d
        self.weight_rotation_loss_g = weight_rotation_loss_g
        self.rotated_fakes_take_real_labels = rotated_fakes_take_real_labels

    def check_batch(self, num_replicas, accumulate_steps=1):
        super().check_batch(num_replicas, accumulate_steps)
        if not self.rotates:
            return
        parts = num_replicas * accumulate_steps
        count, rest = divmod(self.rotated_batch_size, NUM_ROTATIONS * parts)
        if rest or not 1 <= count <= self.batch_size // parts:
            cut = f"{num_replicas} replicas" + (f" x {accumulate_steps} parts" if accumulate_steps > 1 else "")
            raise ConfigError(
                f"SSGAN.rotated_batch_size: expected a positive multiple of {NUM_ROTATIONS * parts} (4 angles x "
                f"{cut}), at most {NUM_ROTATIONS * self.batch_size}, got "
                f"{self.rotated_batch_size}"
            )

    def num_rotated(self, images):
        """Number of these images that are rotated; they are what one replica processes at a time."""
        if not self.rotates:
            return 0
        return self.rotated_batch_size * images.shape[0] // (NUM_ROTATIONS * self.batch_size)

    def make_heads(self, features):
        self.rotation_head = rotation_head(self.discriminator.factory, features)
        return [self.rotation_head]

    def discriminator_loss(self, batch, fake_images, uniform):
        real, fake = self._outputs([self._real(batch), self._fakes(batch, fake_images)])
        loss, scalars = 0.0, {"loss/penalty": tf.constant(0.0)}
        if self.adversarial:
            loss, scalars = self.objective.discriminator(real, fake)
            loss, penalty = self.objective.add_penalty(loss, self, batch, fake_images, uniform)
            scalars |= penalty | self.sees.scalars(real.logits)
        if self.rotates:
            rotation, accuracy = rotation_loss(real.angles, self.num_rotated(batch.images))
            loss += self.weight_rotation_loss_d * rotation
            scalars |= {"loss/c_real_loss": rotation, "accuracy/d_rotation": accuracy}
        return self.objective.add_discriminator_terms(loss, scalars, self, batch, fake_images, real, fake)

    def generator_loss(self, batch, fake_images):
        parts = [self._fakes(batch, fake_images)]
        if self.judge_real_images or self.discriminator.has_batch_norm or self.objective.needs_real:
            parts.insert(0, self._real(batch))
        *real, fake = self._outputs(parts)
        real = real[0] if real else None
        loss, scalars = self.objective.generator(real, fake, batch.moment.step) if self.adversarial else 0.0, {}
        if self.rotates:
            rotation, _ = rotation_loss(fake.angles, self.num_rotated(fake_images))
            loss, scalars = loss + self.weight_rotation_loss_g * rotation, {"loss/c_fake_loss": rotation}
        return self.objective.add_generator_terms(loss, scalars, self, batch, fake_images, real, fake)

    def _real(self, batch):
        return self._rows(batch.images, batch.labels, batch.plain_images)

    def _fakes(self, batch, fake_images):
        labels_of_copies = batch.labels if self.rotated_fakes_take_real_labels else None
        return self._rows(fake_images, batch.sampled_labels, batch.plain_fakes, labels_of_copies)

    def _outputs(self, parts):
        """List of `Outputs`, one for each of the `Rows`: of what is judged, and angles of what is rotated."""
        images, labels = concatenate([(rows.images, rows.labels) for rows in parts])
        outputs = self.discriminator(images, labels, training=True)
        logits, scores, features = outputs.logits, None, outputs.features
        if self.objective.logits_head is not None:
            logits, scores = self.objective.logits_head.with_class_term(logits, flat(features), labels)
        angles = outputs.logits  # unused without rotations, where a call of the head would move its spectral norm
        if self.rotates:
            angles = self.rotation_head(outputs.features, training=True)
        results, start = [], 0
        for rows in parts:
            shown, rotated = (slice(start + part.start, start + part.stop) for part in (rows.judged, rows.rotated))
            of_images = (None if values is None else values[shown] for values in (logits, scores, features, labels))
            results.append(Outputs(*of_images, angles[rotated]))
            start += rows.images.shape[0]
        return results

    def _rows(self, images, labels, plain, labels_of_copies=None):
        return rows_of(
            images,
            labels,
            self.num_rotated(images),
            plain=plain,
            plain_rotations=self.sees.plain_rotations,
            labels_of_copies=labels_of_copies,
        )
