"""Latents that DDLS moves, the same for an image whatever the number of images and the size of the batches.

Rows are computed `ROWS` at a time, since gradients of few rows are rounded otherwise (CPU), which steps would add up.
"""

import numpy as np
import tensorflow as tf

from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.draws import normal_steps_function
from compare_gan2.runs.full_batches import filled, psi_of_rows
from compare_gan2.runs.judged_latents import JudgedLatents

ROWS = 32


class LangevinLatents:
    """Function (latents, class numbers or None, rows, batch_size) -> latents float32 [N, z_dim] after all steps.

    Args:
        model: `Model`.
        ddls: `DDLS`.
        truncation, truncation_by: see `draws.draw_latents`.
        psi: truncation in w; None for none.

    Raises:
        ConfigError: for latents that are not normal, or a model without a discriminator that judges its images.
    """

    def __init__(self, model, ddls, truncation, truncation_by, psi):
        if not model.latents.is_normal:
            raise ConfigError(
                f"ddls: expected normal latents of mean 0, whose density its energy has, the model has "
                f"{model.latents.description}; drs takes any"
            )
        if truncation is not None and truncation_by != "w":
            raise ConfigError(
                f"ddls: expected no truncation of latents, which its steps would leave, got truncation {truncation:g}; "
                "ddls.noise below 1 gives likelier images"
            )
        self._judged = JudgedLatents(model, "ddls")
        self._model = model
        self._ddls, self._psi, self._stddev = ddls, psi, model.latents.stddev
        self._noise = normal_steps_function(ddls.steps, model.z_dim)
        self._step = tf.function(self._after_step)

    def __call__(self, latents, numbers, rows, batch_size):
        del batch_size
        vectors = self._model.label_vectors(numbers)
        parts = []
        for start in range(0, len(latents), ROWS):
            place = slice(start, start + ROWS)
            given = None if vectors is None else tf.constant(filled(vectors[place], ROWS))
            moved = self._moved(
                tf.constant(filled(latents[place], ROWS)), given, self._noise(filled(rows[place], ROWS))
            )
            parts.append(moved[: len(latents) - start])
        return np.concatenate(parts)

    def _moved(self, latents, vectors, noise):
        psi = psi_of_rows(self._psi, latents.shape[0])
        for step in range(self._ddls.steps):
            rate, deviation = (tf.constant(value, tf.float32) for value in self._ddls.schedule(step))
            latents = self._step(latents, noise[:, step], rate, deviation, vectors, *psi)
        latents = latents.numpy()
        if not np.isfinite(latents).all():
            raise ConfigError(
                f"ddls: latents are NaN or infinite after {self._ddls.steps} steps; expected a smaller rate than "
                f"{self._ddls.rate:g}, or less noise than {self._ddls.noise:g}"
            )
        return latents

    def _after_step(self, latents, noise, rate, deviation, vectors, psi=None):
        logits_of = lambda latents: self._judged.logits(latents, vectors, psi)  # noqa: E731
        return self._ddls.after_step(latents, logits_of, noise, rate, deviation, self._stddev)
