"""S3GAN: few labels, inferred for the rest, and rotations (Lucic et al. 2019, sections 3 and 4).

The discriminator's features have up to three heads: a predictor of classes, trained on the labelled images only and
used to label the others (the paper's co-training, S2GAN-CO and S3GAN-CO); a projection of known or predicted
labels onto the features, added to the logits; and a classifier of rotations as in SSGAN.
"""

import collections
from typing import Literal

import tensorflow as tf

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.config.matching import check_arguments
from compare_gan2.config.ranges import Count, NonNegative
from compare_gan2.gans.batch import concatenate
from compare_gan2.gans.discriminator_with_heads import completed, label_is_available, predicted_labels, weighed
from compare_gan2.gans.head_rows import rows_of, with_classified
from compare_gan2.gans.heads import LinearHead, rotation_head
from compare_gan2.gans.label_heads import flat
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.gans.penalties import OF_THE_ORIGINAL, no_penalty
from compare_gan2.gans.rotation import NUM_ROTATIONS, require_square, rotation_loss
from compare_gan2.gans.seen_images import known_labels
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log

FIELDS = ["logits", "features", "labels", "scores", "class_logits", "rotation_logits"]
Outputs = collections.namedtuple("Outputs", FIELDS)


@configurable("S3GAN", module="compare_gan.gans.s3gan")
class S3GAN(ModularGAN):
    """Conditional GAN for partly labelled data (Lucic et al. 2019, sections 3 and 4).

    Args:
        self_supervision: "rotation"; "none" or None adds no rotation loss.
        rotated_batch_fraction: the batch of a replica divided by this is the number of rows in the rotation loss, four
            for each image that is rotated.
        weight_rotation_loss_d: weight of the loss on real images in the discriminator's loss.
        weight_rotation_loss_g: weight of the loss on fake images in the generator's loss.
        project_y: add the projection of labels onto the features to the logits.
        use_predictor: predict the labels of unlabelled images; needs `project_y` or a label head that takes them.
        use_soft_pred: predict class probabilities instead of the most likely class.
        weight_class_loss: weight of the predictor's loss.
        use_soft_labels: the dataset's labels are vectors [N, num_classes] already.
        weigh_labels: a vector counts as its likeliest class, weighed by its probability; the predictor's label has the
            rest of the weight, and learns from that class with this weight. Needs `use_soft_labels`, `use_predictor`.
        reuse_fakes: update the generator with the fakes of the last discriminator update, as ModularGAN does. The
            original generates them again from the same latents, which moves spectral norm one step further.

    Raises:
        ConfigError: for options that contradict each other; `check_batch` refuses those that do not fit the batch.

    Example:
        >>> options = {"conditional": True, "num_classes": 10, "project_y": True, "use_predictor": True}
        >>> gan = S3GAN(generator, discriminator, loss=losses.hinge, rotated_batch_fraction=4, **options)
        >>> state = TrainState(gan)
        >>> gan.predict_labels(images).shape  # images [64, 32, 32, 3]
        TensorShape([64, 10])
    """

    def __init__(
        self,
        *args,
        self_supervision: Literal["rotation", "none"] | None = "rotation",
        rotated_batch_fraction: Count = REQUIRED,
        weight_rotation_loss_d: NonNegative = 1.0,
        weight_rotation_loss_g: NonNegative = 0.2,
        project_y: bool = False,
        use_predictor: bool = False,
        use_soft_pred: bool = False,
        weight_class_loss: NonNegative = 1.0,
        use_soft_labels: bool = False,
        weigh_labels: bool = False,
        reuse_fakes: bool = False,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        if rotated_batch_fraction is REQUIRED:
            raise ConfigError("S3GAN.rotated_batch_fraction: no value is given")
        check_arguments(
            S3GAN,
            {
                "rotated_batch_fraction": rotated_batch_fraction,
                "weight_rotation_loss_d": weight_rotation_loss_d,
                "weight_rotation_loss_g": weight_rotation_loss_g,
                "weight_class_loss": weight_class_loss,
            },
        )
        if not self.conditional:
            raise ConfigError("S3GAN needs ModularGAN.conditional = True, got False; without labels use @SSGAN")
        takes_predictions = [head.owns_logits or head.labels == "completed" for head in self.objective.label_heads]
        if use_predictor and not project_y and not any(takes_predictions):
            raise ConfigError(
                "S3GAN.use_predictor: True needs S3GAN.project_y = True, got False; or a label head that takes "
                "predicted labels, such as acgan.labels = 'completed'"
            )
        self.require_one_call(self.split_calls, "S3GAN")
        if weigh_labels and not (use_soft_labels and use_predictor):
            raise ConfigError(
                "S3GAN.weigh_labels: True needs S3GAN.use_soft_labels = True and S3GAN.use_predictor = True, got "
                f"{use_soft_labels} and {use_predictor}"
            )
        if weigh_labels and any(head.labels == "known" for head in self.objective.label_heads):
            raise ConfigError("S3GAN.weigh_labels: True needs label heads whose labels are 'completed', got 'known'")
        if use_soft_labels and self.fit_label_distribution:
            raise ConfigError(
                "S3GAN.use_soft_labels: expected False with ModularGAN.fit_label_distribution = True, got True"
            )
        self.adds_penalty = getattr(self.penalty, "func", self.penalty) not in OF_THE_ORIGINAL
        if self.penalty is not no_penalty and not self.adds_penalty:
            log.warning("penalty.fn has no effect: S3GAN adds none of the original's penalties, as in the original")
        self.rotates = self_supervision == "rotation"
        if self.rotates:
            require_square(self.image_shape, "S3GAN.self_supervision")
        self.rotated_batch_fraction = rotated_batch_fraction
        self.weight_rotation_loss_d = weight_rotation_loss_d
        self.weight_rotation_loss_g = weight_rotation_loss_g
        self.project_y = project_y
        self.use_predictor = use_predictor
        self.use_soft_pred = use_soft_pred
        self.weight_class_loss = weight_class_loss
        self.use_soft_labels = use_soft_labels
        self.weigh_labels = weigh_labels
        self.reuses_fakes = reuse_fakes

    def check_batch(self, num_replicas, accumulate_steps=1):
        super().check_batch(num_replicas, accumulate_steps)
        if not self.rotates:
            return
        size, fraction = self.batch_size // (num_replicas * accumulate_steps), self.rotated_batch_fraction
        if fraction < 1 or size % fraction or (size // fraction) % NUM_ROTATIONS:
            part = "" if accumulate_steps == 1 else f"each of the {accumulate_steps} parts (accumulate_steps) of "
            raise ConfigError(
                f"S3GAN.rotated_batch_fraction: {part}the batch of a replica ({size}) divided by it must be a "
                f"multiple of {NUM_ROTATIONS}, got {fraction}"
            )

    def num_rotated(self, images):
        """Number of these images that are rotated; they are what one replica processes at a time."""
        return images.shape[0] // self.rotated_batch_fraction // NUM_ROTATIONS if self.rotates else 0

    def make_heads(self, features):
        factory, heads = self.discriminator.factory, []
        width = int(flat(features).shape[1])
        if self.rotates:
            self.rotation_head = rotation_head(factory, features)
            heads.append(self.rotation_head)
        if self.use_predictor:
            self.predictor = LinearHead(
                factory.dense(self.num_classes, "predictor_linear"), name="discriminator_predictor"
            )
            self.predictor(features)
            heads.append(self.predictor)
        if self.project_y:
            self.projection = factory.projection(width, "discriminator_projection")
            self.projection(tf.zeros([1, self.num_classes]), tf.zeros([1, width]))
            heads.append(self.projection)
            if getattr(self.discriminator, "project_y", False):
                log.warning(
                    "labels are projected twice, by S3GAN.project_y and by the project_y of the discriminator: bind "
                    "resnet_biggan.Discriminator.project_y = False unless that is meant"
                )
        return heads

    def label_vectors(self, labels):
        if self.weigh_labels:
            return weighed(labels)
        return labels if self.use_soft_labels else super().label_vectors(labels)

    def discriminator_loss(self, batch, fake_images, uniform):
        real, fake = self._outputs(self._real(batch), self._fakes(batch, fake_images))
        loss, scalars = self.objective.discriminator(real, fake, in_parts=True)
        scalars |= self.sees.scalars(real.logits)
        if self.adds_penalty:
            loss, penalty = self.objective.add_penalty(loss, self, batch, fake_images, uniform)
            scalars |= penalty
        if self.rotates:
            rotation, accuracy = rotation_loss(real.rotation_logits, self.num_rotated(batch.images))
            loss += self.weight_rotation_loss_d * rotation
            scalars |= {"loss/real_loss": rotation, "accuracy/real": accuracy}
        if self.use_predictor:
            class_loss, label_fraction, accuracy = class_prediction_loss(real.class_logits, known_labels(batch))
            loss += self.weight_class_loss * class_loss
            scalars |= {
                "loss/class_loss_real": class_loss,
                "label_frac": label_fraction,
                "accuracy/class": accuracy,
            }
        return self.objective.add_discriminator_terms(loss, scalars, self, batch, fake_images, real, fake)

    def generator_loss(self, batch, fake_images):
        parts = [self._fakes(batch, fake_images)]
        if self.judge_real_images or self.discriminator.has_batch_norm or self.objective.needs_real:
            parts.insert(0, self._real(batch))
        *real, fake = self._outputs(*parts)
        real = real[0] if real else None
        loss, scalars = self.objective.generator(real, fake, batch.moment.step), {}
        if self.rotates:
            rotation, accuracy = rotation_loss(fake.rotation_logits, self.num_rotated(fake_images))
            loss += self.weight_rotation_loss_g * rotation
            scalars = {"loss/fake_loss": rotation, "accuracy/fake": accuracy}
        return self.objective.add_generator_terms(loss, scalars, self, batch, fake_images, real, fake)

    def judge(self, images, labels):
        return self._outputs(rows_of(images, labels, 0), rotates=False)[0]

    def predict_labels(self, images):
        """Class probabilities [N, num_classes] of images [N, H, W, C], at inference; needs `use_predictor`."""
        return predicted_labels(self.discriminator, images, self.predictor, self.num_classes)

    def _real(self, batch):
        return rows_of(
            batch.images,
            batch.labels,
            self.num_rotated(batch.images),
            plain=batch.plain_images,
            plain_rotations=self.sees.plain_rotations,
            plain_classes=self.sees.plain_classes and self.use_predictor,
        )

    def _fakes(self, batch, fake_images):
        return rows_of(
            fake_images,
            batch.sampled_labels,
            self.num_rotated(fake_images),
            plain=batch.plain_fakes,
            plain_rotations=self.sees.plain_rotations,
        )

    def _outputs(self, *parts, rotates=True):
        """List of `Outputs`, one for each of the `Rows`; the discriminator and each head are called once.

        Without `rotates` the head of rotations is not called.
        """
        images, labels = concatenate([(rows.images, rows.labels) for rows in parts])
        outputs = self.discriminator(images, labels, training=True)
        features = tf.reshape(outputs.features, [images.shape[0], -1])
        logits, scores, class_logits, rotation_logits = outputs.logits, None, None, None
        if self.use_predictor:
            class_logits = with_classified(self.predictor(features, training=True), parts)
            labels = completed(labels, class_logits, self.use_soft_pred)
        if self.project_y:
            logits += tf.cast(self.projection(labels, features, training=True), tf.float32)
        if self.objective.logits_head is not None:
            logits, scores = self.objective.logits_head.with_class_term(logits, features, labels)
        if self.rotates and rotates:
            rotation_logits = self.rotation_head(features, training=True)
        results, start = [], 0
        for rows in parts:
            judged, rotated = (slice(start + part.start, start + part.stop) for part in (rows.judged, rows.rotated))
            results.append(
                Outputs(
                    logits[judged],
                    features[judged],
                    labels[judged],
                    None if scores is None else scores[judged],
                    None if class_logits is None else class_logits[judged],
                    None if rotation_logits is None else rotation_logits[rotated],
                )
            )
            start += rows.images.shape[0]
        return results


def class_prediction_loss(class_logits, labels):
    """(mean cross entropy over the labelled rows, labelled share, accuracy on labelled rows); zeros without labels.

    A row counts by its weight, see `label_is_available`.
    """
    available = label_is_available(labels)[:, 0]
    count = tf.reduce_sum(available)
    cross_entropy = -tf.reduce_sum(labels * tf.nn.log_softmax(class_logits), axis=1)
    hits = tf.cast(tf.equal(tf.argmax(class_logits, axis=1), tf.argmax(labels, axis=1)), tf.float32)
    loss = tf.math.divide_no_nan(tf.reduce_sum(cross_entropy), count)  # 0 in rows without a label
    return loss, tf.reduce_mean(available), tf.math.divide_no_nan(tf.reduce_sum(available * hits), count)
