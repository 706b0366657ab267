"""The steps of training.csv in which a loss or an accuracy was measured."""

import numpy as np

SHARE = "label_frac"  # of the real images of a step, those with a label
# 0 in a step without a labelled image, which measures nothing; see docs/files.md.
_OF_LABELLED = ("accuracy/class", "loss/class_loss_real")


def measured(log, tag):
    """(steps [n], values [n], weights [n]) of a tag, without the steps that measured nothing.

    A weight is the share of the images that the value is the mean over.

    Args:
        log: {"step": [m], tag: [m]} as `TrainingLog.read` returns it.
        tag: one of its names.
    """
    values = np.asarray(log[tag], np.float64)
    weights = np.asarray(log[SHARE] if tag in _OF_LABELLED and SHARE in log else np.ones(len(values)), np.float64)
    there = weights > 0
    return np.asarray(log["step"])[there], values[there], weights[there]
