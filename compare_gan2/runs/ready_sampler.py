"""A sampler with the weights and standing statistics of a checkpoint, ready to generate."""

from compare_gan2.ground.progress import Progress
from compare_gan2.run_folder.checkpoint_files import checkpoint_path

UNSCORED_SAMPLES = 1024  # at most: pictures alone need fewer than scores


class ReadySampler:
    """Function (step) that loads a checkpoint into a sampler and fills its standing statistics.

    They are accumulated once per checkpoint: if it will be scored, they are those of its scores and are kept beside it.

    Args:
        path: folder of the run.
        sampler: `Sampler`.
        num_samples: `standing_statistics.num_samples`.
        will_be_scored: function (step) -> whether this process will score its checkpoint.
    """

    def __init__(self, path, sampler, num_samples, will_be_scored):
        self._path = path
        self._sampler = sampler
        self._num_samples = num_samples
        self._will_be_scored = will_be_scored

    def __call__(self, step):
        scored = self._will_be_scored(step)
        self._sampler.load(checkpoint_path(self._path, step))
        num_samples = self._num_samples if scored else min(self._num_samples, UNSCORED_SAMPLES)
        fill_statistics(self._sampler, num_samples, keep=scored)

    def holds(self, step):
        """Whether the sampler was loaded with this checkpoint last."""
        return self._sampler.checkpoint == checkpoint_path(self._path, step)


def fill_statistics(sampler, num_samples, keep=False):
    """Accumulates what batch norm of a `Sampler` needs for inference; shows progress after 5 seconds.

    Args:
        sampler: `Sampler` with a loaded checkpoint.
        num_samples, keep: see `Sampler.accumulate`.
    """
    total = num_samples if sampler.needs_standing_statistics else 0
    what = f"{sampler.checkpoint.name}: standing statistics"
    with Progress(total, 0, what, 1, unit="images", quiet_seconds=5) as progress:
        sampler.accumulate(num_samples, progress.update, keep)
