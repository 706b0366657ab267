"""A network that learns classes from labelled images and from its own predictions for views of all images.

Sources: Sohn et al. 2020 (FixMatch), Zhang et al. 2021 (FlexMatch), Lee 2013 (pseudo-labels), Tarvainen and Valpola
2017 (Mean Teacher), Berthelot et al. 2019 (MixMatch) and 2020 (distribution alignment).
"""

import tensorflow as tf

from compare_gan2.few_labels import mean_teacher, mixmatch
from compare_gan2.few_labels.confident_labels import confident_labels, consistency_loss
from compare_gan2.pretraining import start_weights
from compare_gan2.pretraining.few_label_batches import few_label_batches
from compare_gan2.pretraining.few_label_options import WEIGHTS
from compare_gan2.pretraining.few_label_targets import Alignment, ClassThresholds
from compare_gan2.pretraining.mixed_batch import mixed_batch
from compare_gan2.pretraining.tasks import PretrainModel, accuracy, class_loss
from compare_gan2.pretraining.weight_average import WeightAverage
from compare_gan2.pretraining.weight_decay import decay_in_loss
from compare_gan2.run_folder.checkpoints import load_variables

MIXMATCH_TEMPERATURE = 0.5
DISTANCES = {"squared": mean_teacher.squared_distance, "divergence": mean_teacher.divergence}


class FewLabelModel(PretrainModel):
    """`PretrainModel` of a task with few labels, which infers labels with the average of its weights.

    Args:
        options: `PretrainOptions`.
        network_options: `ResNetV2Options`.
        image_shape: (height, width, channels).
        few_labels: `FewLabelOptions`.
        num_images: number of training images.
        shares: float [K], shares of the classes among the labelled images.
    """

    def __init__(self, options, network_options, image_shape, few_labels, num_images, shares):
        super().__init__(options, network_options, image_shape, len(shares))
        self.few_labels = few_labels
        self.average = WeightAverage(self.extractor, self.class_head, few_labels.teacher_decay)
        self.alignment = Alignment(few_labels, shares) if few_labels.alignment else None
        flexible = options.task == "flexmatch"
        self.thresholds = ClassThresholds(few_labels, num_images, len(shares)) if flexible else None
        weight = few_labels.unlabelled_weight
        self.unlabelled_weight = WEIGHTS[options.task] if weight is None else weight

    @property
    def further_variables(self):
        remembered = [part.variables for part in (self.alignment, self.thresholds) if part is not None]
        return self.average.variables() | {name: value for part in remembered for name, value in part.items()}

    def batches(self, dataset, start_step):
        return few_label_batches(dataset, self.options, self.few_labels, start_step)

    def restore(self, path):
        super().restore(path)
        load_variables(path, self.average.variables())

    def start_from(self, folder):
        """Takes the weights of a trained extractor; raises a `ConfigError` for another network."""
        start_weights.load(folder, self.extractor)
        self.average.restart()

    def after_update(self, step):
        self.average.update(tf.cast(step, tf.int64) + 1)

    def loss_of(self, batch, step):
        loss, scalars = self._mixed_loss(batch, step) if self.options.task == "mixmatch" else self._loss(batch, step)
        loss += decay_in_loss(self.options, self.trainable_variables)
        return loss, {"loss/total": loss, **scalars}

    def _loss(self, batch, step):
        labelled, labels, views = batch["labelled_images"], batch["labels"], batch["views"]
        parts = [labelled, views[0], *(views[1:] if self.options.task in ("fixmatch", "flexmatch") else ())]
        logits = self.class_head(self.extractor(tf.concat(parts, 0), training=True))  # one pass: one set of moments
        of_labelled, *of_views = tf.split(logits, [int(part.shape[0]) for part in parts])
        supervised = class_loss(of_labelled, labels)
        if self.options.task == "mean_teacher":
            _, of_teacher = self.average.predict(views[1])
            unsupervised, scalars = DISTANCES[self.few_labels.distance](of_views[0], of_teacher), {}
        else:
            unsupervised, scalars = self._pseudo_label_loss(of_labelled, of_views, batch["index"], step)
        return self._total(supervised, unsupervised, step), {
            "loss/class": supervised,
            "loss/unlabelled": unsupervised,
            "accuracy/class": accuracy(of_labelled, labels),
            **scalars,
        }

    def _pseudo_label_loss(self, of_labelled, of_views, index, step):
        few = self.few_labels
        probabilities = tf.stop_gradient(tf.nn.softmax(of_views[0]))
        if self.alignment is not None:
            probabilities = self.alignment.apply(probabilities, tf.nn.softmax(of_labelled), step)
        if self.thresholds is not None:
            labels, mask = self.thresholds.apply(probabilities, index)
        else:
            labels, mask = confident_labels(probabilities, few.threshold)
        targets = labels if few.temperature is None else mixmatch.sharpened(probabilities, few.temperature)
        return consistency_loss(of_views[-1], targets, mask), {"share/confident": tf.reduce_mean(mask)}

    def _mixed_loss(self, batch, step):
        labelled, labels, views = batch["labelled_images"], batch["labels"], batch["views"]
        of_views = [self.class_head(self.extractor(view, training=True)) for view in views]
        temperature = self.few_labels.temperature or MIXMATCH_TEMPERATURE
        mean, guessed = mixmatch.guessed(*of_views, temperature)
        if self.alignment is not None:
            known = tf.one_hot(labels, guessed.shape[1])
            guessed = mixmatch.sharpened(self.alignment.apply(mean, known, step), temperature)
        targets = [tf.one_hot(labels, guessed.shape[1]), guessed, guessed]
        seed, beta = self.options.seed, self.few_labels.beta
        images, targets = mixed_batch([labelled, *views], targets, beta, seed, step)
        logits = self.class_head(self.extractor(images, training=True))
        supervised, unsupervised = mixmatch.losses(logits, targets, labelled.shape[0])
        scalars = {"loss/class": supervised, "loss/unlabelled": unsupervised}
        return self._total(supervised, unsupervised, step), scalars

    def _total(self, supervised, unsupervised, step):
        ramp = mean_teacher.sigmoid_ramp if self.options.task == "mean_teacher" else mean_teacher.linear_ramp
        return supervised + self.unlabelled_weight * ramp(step, self.few_labels.rampup_steps) * unsupervised

    def _infer(self, images):
        return self.average.predict(images)
