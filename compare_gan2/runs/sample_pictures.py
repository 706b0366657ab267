"""Pictures of a run: samples of each checkpoint, and real images beside generated ones."""

from compare_gan2.evaluation.protocol import purpose_of
from compare_gan2.reporting.pictures import class_grid, real_and_fake, sample_grid, save_png

GRID_COLUMNS = 10


class RunPictures:
    """Pictures of the checkpoints in a run's folder.

    Args:
        path: of the folder.
        sampler: `Sampler`.
        ready: `ReadySampler` of it.
        dataset: `ImageDataset`.
    """

    def __init__(self, path, sampler, ready, dataset):
        self.path = path
        self.sampler = sampler
        self.ready = ready
        self.dataset = dataset

    def of_checkpoint(self, step):
        """Writes samples/step-STEP.png and returns it as an array.

        Raises:
            ValueError: for NaN in the images.
        """
        self.ready(step)
        picture = self._samples(f"step {step}")
        folder = self.path / "samples"
        folder.mkdir(exist_ok=True)
        save_png(folder / f"step-{step}.png", picture)
        return picture

    def of_real_images(self):
        """The first test images as an array, in a grid like that of the samples; nothing is written."""
        images, _ = self.dataset.test_images(min(GRID_COLUMNS**2, self.dataset.num_test))
        return sample_grid(images, "test images")

    def of_finished_run(self, step):
        """Writes samples.png and real_and_fake.png of the last checkpoint.

        Raises:
            ValueError: for NaN in the images.
        """
        self.ready(step)
        title = f"{self.path.name}, step {step}"
        count = min(GRID_COLUMNS**2, self.dataset.num_test)
        fake, _ = self.sampler.sample(count, purpose_of(0))
        real, _ = self.dataset.test_images(count)
        save_png(self.path / "samples.png", self._samples(title))
        save_png(self.path / "real_and_fake.png", real_and_fake(real, fake, title))

    def _samples(self, title):
        gan = self.sampler.gan
        if not gan.conditional or gan.num_classes == 1:
            images, _ = self.sampler.sample(GRID_COLUMNS**2, "grid")
            return sample_grid(images, title)
        classes = range(min(gan.num_classes, GRID_COLUMNS))
        names = self.dataset.class_names or [str(label) for label in range(gan.num_classes)]
        images = self.sampler.sample_classes(classes, GRID_COLUMNS)
        return class_grid(list(images), [names[label] for label in classes], title)
