"""Settings that are read off shapes build networks of the same names and shapes again."""

import functools
import re

import pytest
from support.bound_networks import bound_networks
from support.module_networks import CASES, DCGAN, attention

from compare_gan2.ground.errors import ConfigError
from compare_gan2.original.module_settings import read_settings


def shapes_of(architecture, bindings, image_shape, z_dim, num_classes):
    """{variable: shape} of a generator and a discriminator."""
    return dict(_shapes(architecture, tuple(bindings), image_shape, z_dim, num_classes))


@functools.cache
def _shapes(architecture, bindings, image_shape, z_dim, num_classes):
    generator, discriminator = bound_networks(architecture, bindings, image_shape, z_dim, num_classes)
    return {v.path: tuple(v.shape) for v in (*generator.variables, *discriminator.variables)}


@pytest.mark.parametrize("name", CASES)
def test_settings_build_the_same_networks(name):
    module, bindings, *sizes = CASES[name]
    shapes = shapes_of(f"{module}_arch", bindings, *sizes)
    settings = read_settings(shapes)
    assert (settings.architecture, settings.image_shape, settings.z_dim, settings.num_classes) == (
        f"{module}_arch",
        *sizes,
    )
    read = settings.read | {option: value for option, (value, _) in settings.assumed.items()}
    assert shapes_of(settings.architecture, [f"{option} = {value}" for option, value in read.items()], *sizes) == shapes
    for binding in bindings:
        option, _, value = (part.strip() for part in binding.partition("="))
        if option in read and option != "spectral_norm.singular_value":  # "left" if no vector shows "auto"
            assert read[option] == value, option


def test_attention_at_equal_widths_has_to_be_bound():
    module, bindings, *sizes = CASES["biggan32"]
    shapes = shapes_of(f"{module}_arch", (*bindings, *attention("B2", "B3")), *sizes)
    option = "resnet_biggan.Generator.blocks_with_attention"
    with pytest.raises(ConfigError, match=rf"{option}: attention of 32 channels fits B1, B2, B3 and no published"):
        read_settings(shapes)
    settings = read_settings(shapes, bound={option: "B2"})
    assert option not in settings.read and option not in settings.assumed
    option = "resnet_biggan.Discriminator.blocks_with_attention"
    assert settings.assumed[option] == ("'B1'", "published; 32 channels also fit B1, B2, B3, B4")
    assert (
        option
        not in read_settings(
            shapes, bound={option: "B3", "resnet_biggan.Generator.blocks_with_attention": "B2"}
        ).assumed
    )


def test_cut_latents_of_modulated_norms_need_more_than_shapes():
    module, bindings, *sizes = CASES["ssgan128"]
    option = "resnet_biggan.Generator.hierarchical_z"
    shapes = shapes_of(f"{module}_arch", bindings, *sizes)
    assert read_settings(shapes).assumed[option] == ("True", "the published z_dim of this resolution is 120")
    flat = read_settings(shapes, z_dim=20)  # the seed alone
    assert (flat.z_dim, flat.read[option]) == (20, "False") and option not in flat.assumed
    assert read_settings(shapes, bound={option: False}).z_dim == 20
    other = {**shapes, "generator/fc_noise/kernel": (5, shapes["generator/fc_noise/kernel"][1])}
    settings = read_settings(other)
    assert (settings.z_dim, settings.assumed[option]) == (30, ("True", "the original's default"))
    with pytest.raises(ConfigError, match="options.z_dim: expected 20 or, cut in 6 parts, 120, got 64"):
        read_settings(shapes, z_dim=64)


def test_other_architectures_have_to_be_named_with_the_size_of_their_images():
    shapes = shapes_of(*DCGAN)
    with pytest.raises(ConfigError, match=r"options.architecture: .* none of resnet_biggan_arch, .*--gin_config"):
        read_settings(shapes)
    with pytest.raises(ConfigError, match="dataset.name: the size of the images of dcgan_arch"):
        read_settings(shapes, "dcgan_arch")
    settings = read_settings(shapes, "dcgan_arch", image_shape=(32, 32, 3))
    assert (settings.z_dim, settings.num_classes) == (10, 5)
    assert settings.read["D.batch_norm_fn"] == "@batch_norm"


@pytest.mark.parametrize(
    "left_out, changed, message",
    [
        ("generator/", {}, "expected variables generator/..., found none"),
        (r"generator/B[23]/", {}, "the generator has 2 blocks, expected one of 3, 4, 5, 6, 7"),
        (
            "none",
            {"generator/final_conv/kernel": (3, 3, 9, 3)},
            "final_conv/kernel: expected a multiple of 2 on axis 2",
        ),
        ("discriminator/final_fc", {}, "final_fc/kernel: expected a size on axis 0, found missing"),
        ("generator/fc_noise/kernel", {}, "fc_noise/kernel: expected a size on axis 0, found missing"),
        ("none", {"generator/final_conv/kernel": ()}, r"final_conv/kernel: expected a size on axis 3, found \(\)"),
    ],
)
def test_what_is_no_module_is_refused(left_out, changed, message):
    module, bindings, *sizes = CASES["biggan64"]
    shapes = shapes_of(f"{module}_arch", bindings, *sizes) | changed
    with pytest.raises(ConfigError, match=message):
        read_settings({n: s for n, s in shapes.items() if not re.match(left_out, n)}, "resnet_biggan_arch")


def test_one_misshapen_variable_changes_nothing_that_is_read():
    module, bindings, *sizes = CASES["biggan64"]
    shapes = shapes_of(f"{module}_arch", bindings, *sizes)
    for name in (
        "generator/B2/up_conv1/kernel",
        "discriminator/B3/same_conv1/kernel/u_var",
        "generator/B1/bn1/accu/accu_mean",
    ):
        for shape in ((7, 5), ()):
            assert read_settings({**shapes, name: shape}) == read_settings(shapes)
