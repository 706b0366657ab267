"""Quality of features without fitting anything: accuracy of nearest neighbours (Wu et al. 2018)."""

import numpy as np

from compare_gan2.ground.messages import log
from compare_gan2.pretraining import features
from compare_gan2.run_folder.training_log import TrainingLog

NEIGHBOURS = 20
TEMPERATURE = 0.07  # of the votes, which count exp(cosine / temperature)
TEST_IMAGES = 2000  # of each measurement during training


def neighbour_accuracy(train, test):
    """Accuracy, in [0, 1], of the weighted votes of the `NEIGHBOURS` training images of largest cosine.

    Args:
        train, test: `Features`; images without a stored label are left out of both.
    """
    known, test_known = train.labels >= 0, test.labels >= 0
    points, labels = _unit(train.features[known]), train.labels[known]
    count = min(NEIGHBOURS, len(points))
    hits = 0
    for start in range(0, int(test_known.sum()), 1000):
        rows = slice(start, start + 1000)
        cosines = _unit(test.features[test_known][rows]) @ points.T
        nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        weights = np.exp((np.take_along_axis(cosines, nearest, 1) - 1.0) / TEMPERATURE)
        votes = np.zeros([len(cosines), labels.max() + 1])
        np.add.at(votes, (np.arange(len(cosines))[:, None], labels[nearest]), weights)
        hits += int(np.sum(votes.argmax(axis=1) == test.labels[test_known][rows]))
    return hits / int(test_known.sum())


def _unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


class NeighbourLog:
    """Accuracy of nearest neighbours at each checkpoint of a training, in a CSV file and in the messages.

    Args:
        model: that trains, with `infer`.
        dataset: `ImageDataset` whose stored labels are compared with, whatever labels training sees.
        chosen: indices, ascending, of the training images that are neighbours.
        path: path of the CSV file.
    """

    def __init__(self, model, dataset, chosen, path):
        self._model = model
        self._dataset = dataset
        self._chosen = chosen
        self._log = TrainingLog(path, every_step=False)

    def resume(self, step):
        """Drops rows after a step, and measures at that step if a stopped run was to and did not come to it."""
        options = self._model.options
        self._log.truncate_after(step)
        rows = self._log.read()
        is_due = step and (step % options.save_checkpoints_steps == 0 or step == options.training_steps)
        if is_due and (not rows or rows["step"][-1:].tolist() != [step]):
            self.record(step)

    def record(self, step):
        """Measures and adds a row."""
        test = np.arange(min(self._dataset.num_test, TEST_IMAGES))
        found = features.extract(self._model, self._dataset, "test", test)
        if not np.any(found.labels >= 0):
            return
        accuracy = neighbour_accuracy(features.extract(self._model, self._dataset, "train", self._chosen), found)
        self._log.append(step, {"neighbour_accuracy": np.array([accuracy])})
        self._log.seal()
        log.info(f"pre-training: step {step}, classes by {NEIGHBOURS} nearest neighbours {accuracy:.4f}")
