"""State of the targets of unlabelled images from update to update, the same on all replicas."""

import tensorflow as tf

from compare_gan2.distribution.cross_replica import mean_over_replicas, num_replicas, rows_of_all_replicas
from compare_gan2.distribution.replica_copies import replica_copy
from compare_gan2.few_labels import class_thresholds, distribution_alignment
from compare_gan2.few_labels.confident_labels import confident_labels


class Alignment:
    """Running means of predictions, and predictions aligned with them.

    Args:
        few_labels: `FewLabelOptions` with an alignment.
        shares: float [K], shares of the classes among the labelled images.
    """

    def __init__(self, few_labels, shares):
        classes = len(shares)
        self._options = few_labels
        self._uniform = tf.fill([classes], 1.0 / classes)
        self._labelled = tf.constant(shares, tf.float32)
        length = few_labels.alignment_batches
        self._mean = replica_copy(tf.zeros([length, classes]) if length else self._uniform)
        self._target = replica_copy(self._uniform)

    @property
    def variables(self):
        return {"alignment/mean": self._mean, "alignment/target": self._target}

    def apply(self, probabilities, labelled, step):
        """Aligned probabilities [N,K], after this batch has been taken into the means.

        Args:
            probabilities: [N,K] of unlabelled images; no gradient flows through the result.
            labelled: probabilities [M,K] of the labelled images.
            step: updates before this one.
        """
        options = self._options
        means = [tf.stop_gradient(tf.reduce_mean(rows, axis=0)) for rows in (probabilities, labelled)]
        of_batch, of_labelled = mean_over_replicas(means, None) if num_replicas() > 1 else means
        mean, target, decay = self._mean.read_value(), self._target.read_value(), options.alignment_decay
        if options.alignment_batches:
            mean = distribution_alignment.updated_ring(mean, of_batch, step)
            filled = tf.cast(tf.minimum(tf.cast(step, tf.int64) + 1, options.alignment_batches), tf.float32)
            current = tf.reduce_sum(mean, axis=0) / filled
        else:
            mean = current = distribution_alignment.moving_mean(mean, of_batch, decay, tf.equal(step, 0))
        target = distribution_alignment.moving_mean(target, of_labelled, decay, False)
        self._mean.assign(mean)
        self._target.assign(target)
        wanted = {"uniform": self._uniform, "labelled": self._labelled, "moving": target}[options.alignment]
        return distribution_alignment.aligned(tf.stop_gradient(probabilities), current, wanted)


class ClassThresholds:
    """FlexMatch: a threshold for each class, lower where fewer images have reached the highest one so far.

    Args:
        few_labels: `FewLabelOptions`.
        num_images: number of training images.
        num_classes: number of classes.
    """

    def __init__(self, few_labels, num_images, num_classes):
        self._options = few_labels
        self._memory = replica_copy(tf.fill([num_images], tf.constant(-1, tf.int32)))
        self._status = replica_copy(tf.zeros([num_classes]))

    @property
    def variables(self):
        return {"flexmatch/memory": self._memory, "flexmatch/status": self._status}

    def apply(self, probabilities, index):
        """(labels int32 [N], mask [N]) by the thresholds so far; then the batch is remembered.

        Args:
            probabilities: [N,K] of unlabelled images.
            index: int64 [N], their numbers.
        """
        options, status = self._options, self._status.read_value()
        per_class = class_thresholds.thresholds(options.threshold, status)
        labels, mask = confident_labels(probabilities, per_class)
        _, sure = confident_labels(probabilities, options.threshold)
        everywhere = [rows_of_all_replicas(tf.cast(rows, tf.float32)) for rows in (labels, sure)]
        index = tf.distribute.get_replica_context().all_gather(index, axis=0) if num_replicas() > 1 else index
        memory = class_thresholds.updated_memory(
            self._memory.read_value(), index, tf.cast(everywhere[0], tf.int32), everywhere[1]
        )
        self._memory.assign(memory)
        self._status.assign(class_thresholds.updated_status(status, memory, options.warm_up))
        return labels, mask
