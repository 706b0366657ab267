"""Where a model's images are truncated: in their latents, or in w, between latents and images, as StyleGAN2 does.

A truncation of w below 1 moves it towards its average by as much (Karras et al. 2019, appendix B).
"""

from compare_gan2.ground.errors import ConfigError


def can_truncate(model):
    """Whether images of a `Model` can be truncated: latents are normal, or the generator truncates in w."""
    return model.latents.is_normal or getattr(model.generator, "truncates_w", False)


def psi_of(generator, truncation, truncation_by):
    """Truncation in w; None for none, or where it acts on latents. Arguments and errors as of `truncation_of`."""
    return truncation if truncation_of(generator, truncation_by) == "w" else None


def truncation_of(generator, truncation_by):
    """Key of `draws.TRUNCATIONS` for the images of a generator; `truncation_by` is one, or None for the usual one.

    Raises:
        ConfigError: for one that the generator does not have.
    """
    truncates_w = getattr(generator, "truncates_w", False)
    if truncation_by is None:
        return "w" if truncates_w else "resample"
    if truncates_w and truncation_by in ("resample", "clip"):
        raise ConfigError(
            f"truncation_by: expected 'w' with this generator, which scales all latents to one length, got "
            f"{truncation_by!r}"
        )
    if truncation_by == "w" and not truncates_w:
        raise ConfigError(
            "truncation_by: expected 'resample' or 'clip' with this generator, which has no space w as that of "
            "stylegan2_arch, got 'w'"
        )
    return truncation_by
