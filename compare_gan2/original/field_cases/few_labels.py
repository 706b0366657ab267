"""Losses, thresholds, teachers and targets of methods that learn from few labels."""

import tensorflow as tf

from compare_gan2.few_labels import class_thresholds
from compare_gan2.few_labels import distribution_alignment as alignment
from compare_gan2.few_labels import mean_teacher as teaching
from compare_gan2.few_labels import mixmatch as mixing
from compare_gan2.few_labels.confident_labels import confident_labels, consistency_loss


def fixmatch(inputs, hyper):
    """Pseudo-labels and losses, with hard and with soft targets."""
    labelled, strong, weak = (inputs[f"logits_{name}"] for name in ("labelled", "strong", "weak"))
    labels, mask = confident_labels(tf.nn.softmax(weak), hyper["threshold"])
    soft = mixing.sharpened(tf.nn.softmax(weak), hyper["T"])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([labelled, strong])
        supervised = consistency_loss(labelled, tf.cast(inputs["labels"], tf.int32), tf.ones(labelled.shape[0]))
        unsupervised, of_soft = (consistency_loss(strong, targets, mask) for targets in (labels, soft))
        total = supervised + hyper["lambda_u"] * unsupervised
    found = {"mask": mask, "pseudo_label": tf.cast(labels, tf.int64), "soft_target": soft, "soft_unsup_loss": of_soft}
    found |= {"sup_loss": supervised, "unsup_loss": unsupervised, "total_loss": total}
    found["soft_unsup_loss_grad_strong"] = tape.gradient(of_soft, strong)
    of_labelled, of_strong = tape.gradient(total, [labelled, strong])
    return found | {"total_loss_grad_labelled": of_labelled, "total_loss_grad_strong": of_strong}


def flexmatch(inputs, hyper):
    """Course of thresholds, memory and status, with images without a label in the denominator or not."""
    return _course("warmup", inputs, hyper, True) | _course("no_warmup", inputs, hyper, False)


def _course(name, inputs, hyper, warm_up):
    status, found = tf.zeros([hyper["num_classes"]]), {}
    memory = tf.fill([hyper["unlabelled_examples"]], tf.constant(-1, tf.int64))
    for step in range(hyper["steps"]):
        weak, strong, index = (inputs[f"{key}_step{step}"] for key in ("logits_weak", "logits_strong", "index"))
        per_class = class_thresholds.thresholds(hyper["threshold"], status)
        labels, mask = confident_labels(tf.nn.softmax(weak), per_class)
        _, sure = confident_labels(tf.nn.softmax(weak), hyper["threshold"])
        memory = class_thresholds.updated_memory(memory, index, labels, sure)
        status = class_thresholds.updated_status(status, memory, warm_up)
        values = {
            "threshold_by_class_step": per_class,
            "mask_step": mask,
            "unsup_loss_step": consistency_loss(strong, labels, mask),
            "selected_label_after_step": memory,
            "class_status_after_step": status,
        }
        found |= {f"{name}/{key}{step}": value for key, value in values.items()}
    return found


def mean_teacher(inputs, hyper):
    """Distances with their gradients, the teacher's course, and weights of the consistency."""
    student, found = inputs["student"], {}
    for name, distance in (("mse", teaching.squared_distance), ("kl", teaching.divergence)):
        with tf.GradientTape() as tape:
            tape.watch(student)
            found[name] = distance(student, inputs["teacher_logits"])
        found[f"{name}_grad_student"] = tape.gradient(found[name], student)
    average, course = tf.zeros_like(inputs["weights"][0]), []
    for step, weights in enumerate(tf.unstack(inputs["weights"]), hyper["first_global_step"]):
        average = teaching.averaged(average, weights, step, hyper["alpha"])
        course.append(average)
    length, epochs = hyper["rampup_length"], inputs["epochs"]
    return found | {
        "usb_mse": found["mse"],
        "teacher": tf.stack(course),
        "consistency_weight": hyper["consistency"] * teaching.sigmoid_ramp(epochs, length),
        "linear_rampup": teaching.linear_ramp(epochs, length),
    }


def mixmatch(inputs, hyper):
    """Guessed labels, mixed rows, and the loss of a linear classifier."""
    average, sharpened = mixing.guessed(inputs["logits_view1"], inputs["logits_view2"], hyper["T"])
    known = tf.one_hot(inputs["labels"], average.shape[1])
    share = mixing.larger_share(inputs["beta_draw"])
    images, targets = (
        mixing.mixed(values, tf.gather(values, inputs["permutation"]), share)
        for values in (inputs["x"], tf.concat([known, sharpened, sharpened], 0))
    )
    with tf.GradientTape() as tape:
        tape.watch(inputs["classifier"])
        supervised, unsupervised = mixing.losses(images @ inputs["classifier"], targets, known.shape[0])
        total = supervised + hyper["lambda_u"] * hyper["rampup"] * unsupervised
    found = {"average": average, "sharpened": sharpened, "lam": share, "mixed_x": images, "mixed_y": targets}
    found |= {"sup_loss": supervised, "unsup_loss": unsupervised, "total_loss": total}
    return found | {"total_loss_grad_classifier": tape.gradient(total, inputs["classifier"])}


def distribution_alignment(inputs, hyper):
    """Aligned predictions for three targets of a moving mean, and for the means of the last batches."""
    size = inputs["target"].shape[0]
    uniform = tf.fill([size], 1.0 / size)
    found, mean, moving_target = {}, uniform, uniform
    ring = tf.zeros([hyper["queue_length"], size])
    for step in range(sum(key.startswith("logits_unlabelled_step") for key in inputs)):
        probabilities = tf.nn.softmax(inputs[f"logits_unlabelled_step{step}"])
        labelled = tf.reduce_mean(tf.nn.softmax(inputs[f"logits_labelled_step{step}"]), axis=0)
        batch_mean, decay = tf.reduce_mean(probabilities, axis=0), hyper["momentum"]
        mean = alignment.moving_mean(mean, batch_mean, decay, step == 0)
        moving_target = alignment.moving_mean(moving_target, labelled, decay, False)
        for name, target in (("uniform", uniform), ("model", moving_target), ("given", inputs["target"])):
            found[f"ema_{name}/aligned_step{step}"] = alignment.aligned(probabilities, mean, target)
            found[f"ema_{name}/p_model_after_step{step}"] = mean
        found[f"ema_model/p_target_after_step{step}"] = moving_target
        ring = alignment.updated_ring(ring, batch_mean, step)
        found[f"queue_uniform/aligned_step{step}"] = alignment.aligned(
            probabilities, tf.reduce_mean(ring, axis=0), uniform
        )
        found[f"queue_uniform/p_model_after_step{step}"] = ring
    return found


CASES = {
    "fixmatch": fixmatch,
    "flexmatch": flexmatch,
    "mean_teacher": mean_teacher,
    "mixmatch": mixmatch,
    "distribution_alignment": distribution_alignment,
}
