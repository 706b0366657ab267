"""Is it memorised? The training images nearest to each sample in feature space, and how near they are for this data.

The share of samples that are nearer to a training image than that image is to its nearest other one is 1 minus the
authenticity of Alaa et al. 2022, "How Faithful is your Synthetic Data?", section 4.3. Images that were never trained on
have a share of their own, which is what to compare with.
"""

import csv
import dataclasses
import io

import numpy as np

from compare_gan2.ground import files
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.precision_and_recall.nearest_neighbours import centred, distance_blocks, num_blocks
from compare_gan2.reporting.pictures import captioned_grid

MOST_ROWS = 20  # samples in a picture


@dataclasses.dataclass(frozen=True, eq=False)
class Neighbours:
    """The training images nearest to each of N samples.

    Attributes:
        indices: int64 [N, k], numbers of the training images, the nearest first.
        distances: float64 [N, k], Euclidean, in feature space.
        of_training: float64 [N], distance of the nearest training image to its nearest other one.
        copied: share of samples that are at most `of_training` from their nearest training image.
        copied_held_out: the same share of test images; None if there were none.
    """

    indices: np.ndarray
    distances: np.ndarray
    of_training: np.ndarray
    copied: float
    copied_held_out: float | None

    @property
    def nearness(self):
        """float64 [N]: distance to the nearest training image / `of_training`; up to 1, the sample counts as copied."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = self.distances[:, 0] / self.of_training
        return np.where(np.isnan(ratio), 0.0, ratio)  # of an exact copy of a training image that is there twice

    def in_words(self):
        """The summary figure, a line or two."""
        lines = [
            f"{self.copied:.1%} of {len(self.indices)} samples are nearer to a training image than that image is to "
            "any other one"
        ]
        if self.copied_held_out is not None:
            lines.append(f"{self.copied_held_out:.1%} of test images are, which training never saw")
        return "; ".join(lines)


def nearest_training_images(samples, training, count, held_out=None, on_block=None):
    """`Neighbours` of samples by their features.

    Args:
        samples: float [N, F], features of samples.
        training: float [M, F], features of training images.
        count: neighbours of each sample, fewer than M.
        held_out: float [K, F], features of test images; None leaves their share out.
        on_block: function (blocks done, blocks in all), called as distances are computed.

    Raises:
        ConfigError: for more neighbours than there are training images beside one.
    """
    if not 1 <= count < len(training):
        raise ConfigError(f"neighbours: expected 1 to {len(training) - 1}, fewer than training images, got {count}")
    sets = [samples] if held_out is None else [samples, held_out]
    training, joined = centred(training, np.concatenate(sets))
    parts = np.split(joined, [len(samples)])
    total, done = sum(num_blocks(part, training) for part in parts if len(part)), 0

    def advance():
        nonlocal done
        done += 1
        if on_block is not None:
            on_block(done, max(total, done))

    indices, distances = _nearest(parts[0], training, count, advance)
    own = _distances_of_training(training, indices[:, 0])
    copied_held_out = None
    if held_out is not None:
        nearest, apart = _nearest(parts[1], training, 1, advance)
        copied_held_out = float(np.mean(apart[:, 0] <= _distances_of_training(training, nearest[:, 0])))
    return Neighbours(indices, distances, own, float(np.mean(distances[:, 0] <= own)), copied_held_out)


def neighbour_picture(images, found, neighbours, names=None, title=""):
    """uint8 picture [height, width, 3]: up to 20 samples, the nearest to a training image first, and their neighbours.

    Below each neighbour are its number among the training images and its distance; below the sample is `nearness`.

    Args:
        images: float32 [N, H, W, C], the samples.
        found: `Neighbours`.
        neighbours: {number of a training image: float32 [H, W, C]}, see `TrainingImages.images`.
        names: name of each sample, such as its class; None for none.
        title: line above.
    """
    order = shown_rows(found)
    rows = [np.stack([images[row], *(neighbours[int(index)] for index in found.indices[row])]) for row in order]
    captions = [
        [f"ratio {found.nearness[row]:.3f}", *map(_caption, found.indices[row], found.distances[row])] for row in order
    ]
    columns = ["sample", *(f"nearest {rank + 1}" for rank in range(found.indices.shape[1]))]
    return captioned_grid(rows, None if names is None else [names[row] for row in order], columns, captions, title)


def shown_rows(found):
    """Numbers of the samples in a picture, the nearest to a training image first."""
    return np.argsort(found.nearness, kind="stable")[:MOST_ROWS].tolist()


def write_table(path, found, names):
    """Writes a CSV file with a row for each sample and neighbour, whole or not at all.

    Args:
        path: of the file.
        found: `Neighbours`.
        names: name of each sample.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["sample", "name", "rank", "training_image", "distance", "distance_of_training_image"])
    for sample, (indices, distances, own) in enumerate(
        zip(found.indices, found.distances, found.of_training, strict=True)
    ):
        for rank, (index, distance) in enumerate(zip(indices, distances, strict=True), 1):
            of_first = f"{own:.6g}" if rank == 1 else ""
            writer.writerow([sample, names[sample], rank, index, f"{distance:.6g}", of_first])
    with files.replacing(path) as file:
        file.write(text.getvalue().encode())


def _caption(index, distance):
    return f"{index}: {distance:.3g}"


def _nearest(queries, points, count, advance):
    """(indices, distances) [len(queries), count] of the nearest points; the first of equally near ones."""
    indices = np.empty([len(queries), count], np.int64)
    distances = np.empty([len(queries), count])
    for block, squared in distance_blocks(queries, points):
        indices[block] = np.argsort(squared, axis=1, kind="stable")[:, :count]
        distances[block] = np.sqrt(np.take_along_axis(squared, indices[block], axis=1))
        advance()
    return indices, distances


def _distances_of_training(training, chosen):
    """Distance of each chosen training image to its nearest other one."""
    different, place = np.unique(chosen, return_inverse=True)
    nearest = np.empty(len(different))
    for block, squared in distance_blocks(training[different], training):
        squared[np.arange(len(squared)), different[block]] = np.inf  # an image is not its own neighbour
        nearest[block] = np.sqrt(squared.min(axis=1))
    return nearest[place]
