"""Latents that DRS accepts: the candidates of an image and their draws follow from its seed and index alone.

The first candidate is the latent that would be taken without rejection. Azadi et al. raise the largest logit whenever
they meet a larger one, so that an image depends on those before it; here it is estimated once for all images.
"""

import dataclasses
import hashlib

import numpy as np

from compare_gan2.gans.drs import probabilities
from compare_gan2.ground.messages import log
from compare_gan2.runs.draws import row_function, rows_of, uniform_function
from compare_gan2.runs.judged_latents import JudgedLatents


@dataclasses.dataclass(frozen=True)
class Acceptance:
    """How many candidates were accepted.

    Attributes:
        accepted: images that were accepted.
        candidates: images that were judged for them.
        exhausted: images that no candidate was accepted for.
    """

    accepted: int = 0
    candidates: int = 0
    exhausted: int = 0

    def __add__(self, other):
        pairs = zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)
        return Acceptance(*(first + second for first, second in pairs))

    def in_words(self):
        """Text such as "16 of 71 candidates accepted (22.5 %)"."""
        share = self.accepted / max(self.candidates, 1)
        without = f", none for {self.exhausted} images" if self.exhausted else ""
        return f"{self.accepted} of {self.candidates} candidates accepted ({share:.1%}){without}".replace("%)", " %)")


class AcceptedLatents:
    """Function (latents, class numbers or None, rows, batch_size) -> accepted latents float32 [N, z_dim].

    An image is compared with others of its class, since logits of classes differ by more than how real images are.

    Args:
        model: `Model`.
        drs: `DRS`.
        truncation, truncation_by: see `draws.draw_latents`.
        psi: truncation in w; None for none.

    Attributes:
        acceptance: `Acceptance` of all calls so far.
        ceilings: {class number, None without classes: its `drs.Ceiling`}, estimated when a class is first asked for.

    Raises:
        ConfigError: for a model without a discriminator that judges its images.
    """

    def __init__(self, model, drs, truncation, truncation_by, psi):
        self._judged = JudgedLatents(model, "drs")
        self._drs, self._psi = drs, psi
        self._draw = row_function(model.latents, model.z_dim, truncation, truncation_by)
        self._uniform = uniform_function("acceptance")
        self._model = model
        self.ceilings = {}
        self.acceptance = Acceptance()

    def __call__(self, latents, numbers, rows, batch_size):
        kinds = [None] * len(latents) if numbers is None else numbers.tolist()
        for kind in dict.fromkeys(kinds):
            if kind not in self.ceilings:
                self.ceilings[kind] = self._drs.ceiling(self._logits_of_burn_in(kind, batch_size))
        maxima, shifts = np.array([self.ceilings[kind] for kind in kinds]).T
        chosen, largest = latents.copy(), np.full(len(latents), -np.inf)
        left, candidates = np.arange(len(latents)), 0
        for number in range(self._drs.most):
            tried = candidate_rows(rows[left], number)
            drawn = latents[left] if number == 0 else self._draw(tried)
            logits = self._logits(drawn, None if numbers is None else numbers[left], batch_size)
            accepted = self._uniform(tried) < probabilities(logits, maxima[left], shifts[left])
            better = accepted | (logits > largest[left])
            chosen[left[better]], largest[left[better]] = drawn[better], logits[better]
            candidates += len(left)
            left = left[~accepted]
            if not len(left):
                break
        self.acceptance += Acceptance(len(latents) - len(left), candidates, len(left))
        if len(left):
            log.warning(
                f"drs: none of {self._drs.most} candidates was accepted for {len(left)} of {len(latents)} images, "
                "whose candidates with the largest logits are taken; a lower percentile accepts more"
            )
        return chosen

    def _logits_of_burn_in(self, kind, batch_size):
        """Logits of images of a class (None without classes) and of a seed of their own."""
        rows = rows_of(self._drs.burn_in, derived_seed(0, "burn-in"))
        return self._logits(self._draw(rows), None if kind is None else np.full(len(rows), kind), batch_size)

    def _logits(self, latents, numbers, batch_size):
        return self._judged.logits_of(latents, self._model.label_vectors(numbers), batch_size, self._psi)


def candidate_rows(rows, number):
    """int64 [N, 2]: what the draws of a candidate follow from; those of the first are the image's own `rows`."""
    if number == 0:
        return rows
    seeds, places = np.unique(rows[:, 0], return_inverse=True)
    derived = np.array([derived_seed(seed, f"candidate {number}") for seed in seeds], np.int64)
    return np.stack([derived[places], rows[:, 1]], axis=1)


def derived_seed(seed, purpose):
    """Whole number in [-2**63, 2**63) that follows from a seed and a purpose."""
    digest = hashlib.sha256(f"{int(seed)} {purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "little", signed=True)
