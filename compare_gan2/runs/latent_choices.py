"""Latents of a model that its discriminator moves (DDLS) or accepts (DRS), prepared once for all calls."""

from compare_gan2.gans.ddls import DDLS
from compare_gan2.gans.drs import DRS
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.accepted_latents import Acceptance, AcceptedLatents
from compare_gan2.runs.langevin_latents import LangevinLatents
from compare_gan2.runs.truncation_in_w import psi_of, truncation_of

_KINDS = {"ddls": (DDLS, LangevinLatents), "drs": (DRS, AcceptedLatents)}


class LatentChoices:
    """What `ddls` and `drs` of `Model.sample` do.

    Args:
        model: `Model`.
    """

    def __init__(self, model):
        self._model = model
        self._made = {}

    def of(self, truncation=None, truncation_by=None, **given):
        """Function (latents [N, z_dim], class numbers or None, rows of `draws.rows_of`, batch_size) -> latents.

        Args:
            truncation, truncation_by: as of `Model.sample`.
            **given: ddls, a `DDLS` or None; drs, a `DRS` or None.

        Raises:
            ConfigError: for both together, values of other types, or a model that they do not suit.
        """
        given = {name: value for name, value in given.items() if value is not None}
        if len(given) > 1:
            raise ConfigError("ddls: expected None beside drs, which takes latents as they are drawn, got both")
        if not given:
            return lambda latents, numbers, rows, batch_size: latents
        ((name, value),) = given.items()
        options_class, choice_class = _KINDS[name]
        if not isinstance(value, options_class):
            raise ConfigError(f"{name}: expected None or compare_gan2.{options_class.__name__}(...), got {value!r}")
        truncation_by = truncation_of(self._model.generator, truncation_by)
        key = (value, truncation, truncation_by)
        if key not in self._made:
            psi = psi_of(self._model.generator, truncation, truncation_by)
            self._made[key] = choice_class(self._model, value, truncation, truncation_by, psi)
        return self._made[key]

    @property
    def acceptance(self):
        """`Acceptance` of all rejections so far."""
        choices = [choice for choice in self._made.values() if isinstance(choice, AcceptedLatents)]
        return sum((choice.acceptance for choice in choices), Acceptance())
