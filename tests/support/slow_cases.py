"""Cases of one property of which some run only with the slow tests, since others check it in seconds."""

import pytest

# Of the networks in the catalogue those of many layers; each property has smaller ones too.
LARGE = {
    *("biggan32_unconditional", "biggan64", "biggan_deep64", "cifar_conditional", "cifar_self_modulated"),
    *("resnet30", "resnet5", "resnet_stl", "r3gan_unconditional", "stylegan2_unconditional"),
}


def slow_if(names, slow):
    """The names as parameters, those in `slow` with the marker of that name."""
    unknown = set(slow) - set(names)
    assert not unknown, f"no cases: {unknown}"
    return [pytest.param(name, marks=pytest.mark.slow) if name in slow else name for name in names]
