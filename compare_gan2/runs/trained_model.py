"""A trained model as a value: sample from it, interpolate, ask its discriminator and its predictor of labels."""

import collections.abc

import numpy as np

from compare_gan2.config.library_call import library_call
from compare_gan2.gans.ddls import DDLS
from compare_gan2.gans.drs import DRS
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.class_numbers import class_numbers
from compare_gan2.runs.discriminator_methods import DiscriminatorMethods
from compare_gan2.runs.draws import check_truncation, check_whole, draw_labels, draw_latents, draw_rows, rows_of
from compare_gan2.runs.full_batches import MULTIPLE, filled
from compare_gan2.runs.given_latents import given_latents
from compare_gan2.runs.image_dtype import in_dtype
from compare_gan2.runs.interpolation import labels_between, latents_between, pair_of
from compare_gan2.runs.latent_choices import LatentChoices
from compare_gan2.runs.sampling import BATCH_SIZE
from compare_gan2.runs.truncation_in_w import psi_of, truncation_of

_DRAWN_AT_ONCE = 8192  # latents; each graph that draws takes a fraction of a second to trace


class Model(DiscriminatorMethods):
    """A generator and a discriminator with their weights; make one with `compare_gan2.load`.

    Args:
        networks: `Sampler` or `SavedNetworks`, which compute.
        latents: `Latents` of scoring.
        class_names: one name per class, or None.
        distribution: probability of each class in scores; None: uniform.
        step: generator steps trained so far; None if unknown.

    Attributes:
        image_shape: (height, width, channels).
        z_dim: size of the latents.
        num_classes: None in unconditional models.
        class_names: one name per class, or None.
        step: generator steps trained so far; None if unknown.
        weights: "ema" for averaged weights, "raw" for those of the last update.
        generator: the Keras network.
        latents, distribution: as given.
        on_images: None, or a function of a number of images, called after each batch of so many.

    Example:
        >>> model = compare_gan2.load("runs/s3gan")
        >>> model.sample(16, labels=7, seed=0).shape
        (16, 32, 32, 1)
    """

    def __init__(self, networks, latents, class_names=None, distribution=None, step=None):
        self.sampler = networks
        self.image_shape = tuple(networks.gan.image_shape)
        self.z_dim = networks.gan.z_dim
        self.num_classes = networks.gan.num_classes
        self.class_names = class_names
        self.step = step
        self.weights = networks.weights
        self.generator = networks.generator
        self.latents = latents
        self.distribution = distribution
        self.on_images = None
        self._choices = LatentChoices(self)

    def __repr__(self):
        classes = "unconditional" if self.num_classes is None else f"{self.num_classes} classes"
        size = "x".join(map(str, self.image_shape))
        return f"Model({size}, {classes}, z_dim={self.z_dim}, step={self.step}, weights={self.weights!r})"

    @library_call(checks=False)
    def sample(
        self,
        count: int = 16,
        labels: int | str | list | None = None,
        seed: int | list = 0,
        truncation: float | None = None,
        dtype: str = "uint8",
        *,
        truncation_by: str | None = None,
        indices: list | None = None,
        ddls: DDLS | None = None,
        drs: DRS | None = None,
    ) -> np.ndarray:
        """Generated images [count, H, W, C], uint8 in 0..255, or float32 in [0, 1] with `dtype="float32"`.

        Image i of a seed is the same whatever the count.

        Args:
            count: number of images.
            labels: class of all images as a number or a name, a list of `count` of these, or None to draw classes as
                for scores. Unconditional models take None only.
            seed: whole number, whose first images are taken; or a list of `count` of them, the first image of each.
            truncation, truncation_by: see `draws.draw_latents`; None draws as for scores. StyleGAN2 truncates "w".
            dtype: "uint8" or "float32".
            indices: which images of the seed are taken, a list of `count` whole numbers; None: 0, 1, ...
            ddls: `DDLS`, steps of the latents by which the discriminator makes images likelier; None for none.
            drs: `DRS`, by which the discriminator rejects images until it accepts one; None for none.

        Raises:
            ConfigError: for a class that does not exist, or arguments that do not fit the model.
            ValueError: if the generator gives NaN.
        """
        latents = self.draw_latents(count, seed, truncation, truncation_by=truncation_by, indices=indices)
        psi = psi_of(self.generator, truncation, truncation_by)
        numbers = self.label_numbers(labels, count, seed, indices)
        choose = self._choices.of(truncation, truncation_by, ddls=ddls, drs=drs)
        latents = choose(latents, numbers, rows_of(count, seed, indices), BATCH_SIZE)
        return self._generated(latents, numbers, dtype, psi=psi)

    def require_choice(self, **given):
        """Raises a `ConfigError` for a truncation, `ddls` or `drs` of `sample` that the model cannot be asked for."""
        self._choices.of(**given)

    @property
    def acceptance(self):
        """How many candidates `drs` has accepted so far: `accepted`, `candidates`, and `exhausted` images without."""
        return self._choices.acceptance

    @library_call(checks=False)
    def draw_latents(
        self,
        count: int = 16,
        seed: int | list = 0,
        truncation: float | None = None,
        *,
        truncation_by: str | None = None,
        indices: list | None = None,
    ) -> np.ndarray:
        """float32 [count, z_dim]: what `sample` with the same arguments starts from."""
        check_whole("count", count, 1)
        truncation_by = truncation_of(self.generator, truncation_by)
        return draw_latents(self.latents, count, self.z_dim, seed, truncation, truncation_by, indices)

    @library_call(checks=False)
    def generate(self, latents: np.ndarray, labels: int | str | list | None = None, dtype: str = "uint8") -> np.ndarray:
        """Images [N, H, W, C] of given latents; values as of `sample`.

        Args:
            latents: [N, z_dim].
            labels: a class or N of them, as of `sample`; -1 for none. Unconditional models take None only.
            dtype: "uint8" or "float32".

        Raises:
            ConfigError: for latents of another size or that are not finite, or labels that are missing.
        """
        latents = given_latents(latents, self.z_dim)
        if self.num_classes is not None and labels is None:
            raise ConfigError("labels: expected a class for each row, since the model is conditional; -1 for none")
        return self._generated(latents, self.label_numbers(labels, len(latents)), dtype)

    @library_call(checks=False)
    def batches(
        self,
        count: int,
        labels: int | str | list | None = None,
        seed: int | list = 0,
        truncation: float | None = None,
        dtype: str = "uint8",
        *,
        truncation_by: str | None = None,
        indices: list | None = None,
        ddls: DDLS | None = None,
        drs: DRS | None = None,
        batch_size: int = BATCH_SIZE,
    ) -> collections.abc.Iterator[tuple[np.ndarray, np.ndarray | None]]:
        """Iterator over (images [n, H, W, C], class numbers [n] or None): those of `sample`, never all in memory.

        Args:
            count, labels, seed, truncation, dtype, truncation_by, indices, ddls, drs: see `sample`.
            batch_size: images computed at a time, rounded up to a multiple of 8; images do not depend on it.

        Raises:
            ConfigError: as `sample`, at once.
        """
        check_whole("count", count, 1)
        check_whole("batch_size", batch_size, 1)
        numbers, rows = self.label_numbers(labels, count, seed, indices), rows_of(count, seed, indices)
        batch_size = -(-batch_size // MULTIPLE) * MULTIPLE
        truncation_by = truncation_of(self.generator, truncation_by)
        psi = psi_of(self.generator, truncation, truncation_by)
        drawn = -(-_DRAWN_AT_ONCE // batch_size) * batch_size

        def run():
            for start in range(0, count, batch_size):
                if start % drawn == 0:
                    part = rows[start : start + drawn]
                    latents = draw_rows(self.latents, part, self.z_dim, truncation, truncation_by)
                place = slice(start, start + batch_size)
                of_part = slice(start % drawn, start % drawn + batch_size)
                given = None if numbers is None else numbers[place]
                inputs = choose(latents[of_part], given, rows[place], batch_size), given
                if start:  # the last one as large as the others, for another size would be traced
                    inputs = [None if values is None else filled(values, batch_size) for values in inputs]
                yield self._generated(*inputs, dtype, batch_size, psi)[: len(latents[of_part])], given

        check_truncation(self.latents, truncation, truncation_by)
        choose = self._choices.of(truncation, truncation_by, ddls=ddls, drs=drs)
        in_dtype(dtype, np.zeros([0], np.float32))
        return run()

    @library_call(checks=False)
    def interpolate(
        self,
        steps: int = 8,
        labels: int | str | tuple | None = None,
        seed: int = 0,
        other_seed: int | None = None,
        truncation: float | None = None,
        dtype: str = "uint8",
        *,
        truncation_by: str | None = None,
    ) -> np.ndarray:
        """Images [steps, H, W, C] on the way from one image to another; values as of `sample`.

        Between latents z and z' the path is cos(a) z + sin(a) z', a from 0 to 90 degrees, on which normal latents keep
        their variance; between uniform ones it is a line, which stays in their interval. Between two classes label
        vectors are mixed linearly.

        Args:
            steps: number of images, both ends included.
            labels: a class for all images, a pair of classes to move between, or None to draw one class.
            seed: of the first latents.
            other_seed: of the last latents; None keeps the first.
            truncation, truncation_by: as of `sample`.
            dtype: "uint8" or "float32".

        Raises:
            ConfigError: as `sample`.
        """
        check_whole("steps", steps, 2)
        first = self.draw_latents(1, seed, truncation, truncation_by=truncation_by)
        latents = np.repeat(first, steps, axis=0)
        if other_seed is not None:
            last = self.draw_latents(1, other_seed, truncation, truncation_by=truncation_by)
            latents = latents_between(first, last, steps, self.latents)
        ends = [self.label_vectors(self.label_numbers(label, 1, seed)) for label in pair_of(labels)]
        psi = psi_of(self.generator, truncation, truncation_by)
        return in_dtype(dtype, self._images(latents, labels_between(*ends, steps), BATCH_SIZE, psi))

    @library_call(checks=False)
    def label_numbers(
        self,
        labels: int | str | list | None,
        count: int,
        seed: int | list = 0,
        indices: list | None = None,
    ) -> np.ndarray | None:
        """Class numbers int32 [count] of labels as `sample` takes them; None in unconditional models."""
        if labels is None and self.num_classes is not None:
            return draw_labels(count, seed, self.num_classes, self.distribution, indices)
        return class_numbers(labels, count, self.num_classes, self.class_names)

    def name_of(self, number: int) -> str:
        """Name of a class by its number; the number as text if classes have no names."""
        return str(number) if self.class_names is None else str(self.class_names[number])

    def label_vectors(self, numbers):
        """Label vectors float32 [N, num_classes], zeros for -1; None in unconditional models."""
        if numbers is None:
            return None
        return (numbers[:, None] == np.arange(self.num_classes)).astype(np.float32)

    def _generated(self, latents, numbers, dtype, batch_size=BATCH_SIZE, psi=None):
        return in_dtype(dtype, self._images(latents, self.label_vectors(numbers), batch_size, psi))

    def _images(self, latents, vectors, batch_size, psi):
        truncation = {} if psi is None else {"psi": psi}
        return self.sampler.generate(latents, vectors, batch_size, self.on_images, **truncation)
