"""Bindings of the networks that variables of the original belong to, derived from the variables' shapes.

The published modules' architectures are recognised: resnet_biggan_arch, resnet_biggan_deep_arch, resnet_cifar_arch. Of
any other that is named, norms and z_dim are read, and `dataset.name` gives the images. What shapes do not determine is
taken from the published setting of the resolution and listed as assumed, with the reason.
"""

import dataclasses
import math

from compare_gan2.architectures import resnet_biggan, resnet_biggan_deep
from compare_gan2.ground.errors import ConfigError
from compare_gan2.original.shapes import Shapes

# Of the published BigGANs, by resolution: z_dim, and the blocks that attention follows (generator, discriminator).
PUBLISHED_Z_DIM = {32: 120, 64: 120, 128: 120, 256: 140, 512: 160}
PUBLISHED_ATTENTION = {32: (None, "B1"), 64: ("B4", "B1"), 128: ("B4", "B1"), 256: ("B5", "B2"), 512: ("B4", "B3")}
NORM = r"(bn[12]?|[gd]_bn\d|batch_norm)"  # a batch norm that batch_norm_fn makes


@dataclasses.dataclass
class Settings:
    """How to build a pair of networks.

    Attributes:
        architecture: name in `architectures.ARCHITECTURES`.
        image_shape: (height, width, channels).
        z_dim: size of the latents.
        num_classes: None if unconditional.
        read: {binding: gin text of its value} of what shapes say.
        assumed: {binding: (gin text of its value, reason)} of what they do not.
    """

    architecture: str
    image_shape: tuple = None
    z_dim: int = None
    num_classes: int | None = None
    read: dict = dataclasses.field(default_factory=dict)
    assumed: dict = dataclasses.field(default_factory=dict)


def read_settings(shapes, architecture=None, image_shape=None, z_dim=None, bound=None):
    """`Settings` of the networks that variables of these shapes belong to.

    Args:
        shapes: {variable of the original: shape}, of generator and discriminator.
        architecture: name, if known; None: one that is recognised by shapes.
        image_shape: (height, width, channels), if known; used where shapes do not determine it.
        z_dim: size of the latents, if known; used where shapes allow more than one.
        bound: {binding: value} given by the user.

    Raises:
        ConfigError: naming what has to be bound, if neither shapes nor a published setting determine it.
    """
    shapes, bound = Shapes(shapes), bound or {}
    for network in ("generator", "discriminator"):
        if shapes.first(f"^{network}/") == (None, None):
            raise ConfigError(f"--from: expected variables {network}/..., found none")
    settings = Settings(architecture or _architecture(shapes))
    _read_norms(shapes, settings)
    reader = READERS.get(settings.architecture)
    if reader is not None:
        reader(shapes, settings, z_dim, bound)
    else:
        _read_named(shapes, settings, image_shape)
    settings.assumed = {name: value for name, value in settings.assumed.items() if name not in bound}
    return settings


def _architecture(shapes):
    if shapes.has("generator/B1/conv1/1x1_conv/kernel"):
        return "resnet_biggan_deep_arch"
    if shapes.has("generator/B1/up_conv1/kernel") and shapes.has("discriminator/final_fc/kernel"):
        return "resnet_biggan_arch"
    is_cifar = shapes.count(r"discriminator/(B\d)/.*") == 4 and shapes.has("discriminator/disc_final_fc/kernel")
    if is_cifar and shapes.side("generator/fc_noise/kernel", 1) == 4 * 4 * 256:
        return "resnet_cifar_arch"
    raise ConfigError(
        f"options.architecture: the variables belong to none of {', '.join(sorted(READERS))}; name the architecture "
        "(and dataset.name, for the size of the images) with --gin_config or --gin_bindings"
    )


def _read_norms(shapes, settings):
    """Batch, layer and spectral norm: the same names in all architectures."""
    read = settings.read
    for letter, network in (("G", "generator"), ("D", "discriminator")):
        conditional, _ = shapes.first(f"^{network}/.*/condition/gamma/kernel$")
        modulated, _ = shapes.first(f"^{network}/.*/sbn/gamma/kernel$")
        plain, _ = shapes.first(f"^{network}/(.+/)?{NORM}/gamma$")
        kinds = {"conditional_batch_norm": conditional, "self_modulated_batch_norm": modulated, "batch_norm": plain}
        read[f"{letter}.batch_norm_fn"] = next((f"@{kind}" for kind, name in kinds.items() if name), "None")
        read[f"{letter}.spectral_norm"] = repr(shapes.first(f"^{network}/.*/u_var$")[0] is not None)
        if conditional:
            biased = shapes.has(conditional.replace("/kernel", "/bias"))
            read["conditional_batch_norm.use_bias"] = repr(biased)
        if modulated:
            _, hidden = shapes.first(f"^{network}/.*/sbn/hidden/kernel$")
            read["self_modulated_batch_norm.num_hidden"] = repr(hidden[-1] if hidden else 0)
    read["D.layer_norm"] = repr(shapes.first("^discriminator/.*ln1/gamma$")[0] is not None)
    vectors = [name for name in shapes.shapes if name.endswith("/u_var")]
    if vectors:
        read["spectral_norm.singular_value"] = repr(_singular_value(shapes.shapes, vectors))
        settings.assumed["spectral_norm.epsilon"] = ("1e-12", "the original's default")
    if shapes.first("/moving_mean$|/accu_mean$")[0]:
        moving = shapes.first("/moving_mean$")[0] is not None
        read["standardize_batch.use_moving_averages"] = repr(moving)
        settings.assumed["standardize_batch.epsilon"] = ("1e-5", "of all published configurations")


def _singular_value(shapes, vectors):
    """Which vectors of the power iteration are stored: the option that gives most of them their shape."""

    def expected(option, kernel):
        *others, columns = kernel
        rows = math.prod(others)
        return (rows, 1) if option == "left" or (option == "auto" and rows <= columns) else (1, columns)

    def count(option):
        pairs = ((shapes[name], shapes.get(name.removesuffix("/u_var"))) for name in vectors)
        return sum(bool(kernel) and shape == expected(option, kernel) for shape, kernel in pairs)

    return max(("auto", "left", "right"), key=count)


def _multiple(shapes, name, axis, multiple):
    size = shapes.required(name, axis)
    if size % multiple:
        raise ConfigError(f"--from: {name}: expected a multiple of {multiple} on axis {axis}, found {size}")
    return size // multiple


def _resolution(shapes, pattern, channels):
    blocks = shapes.count(pattern)
    found = [side for side, multiples in channels.items() if len(multiples) - 1 == blocks]
    if not found:
        known = ", ".join(str(len(multiples) - 1) for multiples in channels.values())
        raise ConfigError(f"--from: the generator has {blocks} blocks, expected one of {known}")
    return found[0]


def _read_embeddings(shapes, settings, module):
    """Embeddings of latents and labels, projection, and the number of classes where labels go straight into one."""
    read = settings.read
    for letter in "zy":
        read[f"{module}.Generator.embed_{letter}"] = repr(shapes.has(f"generator/embed_{letter}/kernel"))
    projects = shapes.has("discriminator/embedding_fc/kernel")
    read[f"{module}.Discriminator.project_y"] = repr(projects)
    settings.num_classes = shapes.side("generator/embed_y/kernel", 0)
    if projects:
        settings.num_classes = shapes.side("discriminator/embedding_fc/kernel", 0)


def _read_biggan(shapes, settings, z_dim, bound):
    channels = resnet_biggan.GENERATOR_CHANNELS
    side = _resolution(shapes, r"generator/B(\d+)/up_conv1/kernel", channels)
    settings.image_shape = (side, side, shapes.required("generator/final_conv/kernel", 3))
    _read_embeddings(shapes, settings, "resnet_biggan")
    if shapes.has("generator/embed_y/kernel"):
        settings.read["resnet_biggan.Generator.embed_y_dim"] = repr(shapes.side("generator/embed_y/kernel", 1))
    biased = shapes.first("^generator/embed_[yz]/bias$")[0] is not None
    settings.read["resnet_biggan.Generator.embed_bias"] = repr(biased)
    settings.read["BigGanResNetBlock.add_shortcut"] = repr(shapes.has("generator/B1/up_conv_shortcut/kernel"))
    _, *multiples = channels[side]
    for network, name, axis, outputs, published in zip(
        ("Generator", "Discriminator"),
        ("generator/final_conv/kernel", "discriminator/final_fc/kernel"),
        (2, 0),
        (multiples, resnet_biggan.DISCRIMINATOR_CHANNELS[side]),
        PUBLISHED_ATTENTION[side],
        strict=True,
    ):
        ch = _multiple(shapes, name, axis, outputs[-1])
        settings.read[f"resnet_biggan.{network}.ch"] = repr(ch)
        _read_attention(shapes, settings, network, [ch * multiple for multiple in outputs], published, bound)
    labels = shapes.side("generator/embed_y/kernel", 1) or settings.num_classes
    whole = shapes.side("generator/embed_z/kernel", 0)
    _read_latents(shapes, settings, "resnet_biggan", len(multiples) + 1, labels, whole, z_dim, bound)


def _read_attention(shapes, settings, network, widths, published, bound):
    """Reads which block attention follows: the one of its width, or the published one of several."""
    option = f"resnet_biggan.{network}.blocks_with_attention"
    width = shapes.side(f"{network.lower()}/non_local_block/conv2d_theta/kernel", 2)
    fitting = [f"B{number}" for number, size in enumerate(widths, 1) if size == width]
    if width is None or len(fitting) == 1:
        settings.read[option] = repr("".join(fitting))
    elif published in fitting:
        settings.assumed[option] = (repr(published), f"published; {width} channels also fit {', '.join(fitting)}")
    elif option not in bound:
        fit = f"fits {', '.join(fitting)} and no published setting says which" if fitting else "fits no block"
        raise ConfigError(f"{option}: attention of {width} channels {fit}; bind it with --gin_bindings")


def _read_cifar(shapes, settings, z_dim, bound):
    settings.image_shape = (32, 32, shapes.required("generator/final_conv/kernel", 3))
    _read_embeddings(shapes, settings, "resnet_cifar")
    # The last norm sees latents and labels whole.
    labels = shapes.side("generator/final_norm/condition/gamma/kernel", 0)
    whole = (
        shapes.side("generator/embed_z/kernel", 0)
        or shapes.side("generator/embed_y/kernel", 1)
        or shapes.side("generator/final_norm/sbn/hidden/kernel", 0)
        or shapes.side("generator/final_norm/sbn/gamma/kernel", 0)
    )
    _read_latents(shapes, settings, "resnet_cifar", 4, labels, whole, z_dim, bound)


def _read_latents(shapes, settings, module, parts, labels, whole, z_dim, bound):
    """Reads z_dim, whether latents are cut in parts, and classes that only conditional batch norm's width gives.

    Args:
        labels: width of the part of conditional batch norm's input that comes from labels, if known.
        whole: z_dim, where a variable has it.
    """
    option = f"{module}.Generator.hierarchical_z"
    seed = shapes.required("generator/fc_noise/kernel", 0)
    width = shapes.side("generator/B1/bn1/condition/gamma/kernel", 0)
    if whole is not None:
        hierarchical = whole != seed
    elif width is not None and labels is not None:
        hierarchical = width != labels
    else:
        hierarchical = _hierarchical(settings, option, seed, parts, z_dim, bound)
    if option not in settings.assumed:
        settings.read[option] = repr(hierarchical)
    settings.z_dim = whole or (seed * parts if hierarchical else seed)
    if width is not None and settings.num_classes is None:
        settings.num_classes = width - seed if hierarchical else width


def _hierarchical(settings, option, seed, parts, z_dim, bound):
    """Whether latents are cut, where a seed of this size allows both."""
    if option in bound:
        return bound[option]
    if z_dim in (seed, seed * parts):
        return z_dim != seed
    if z_dim is not None:
        raise ConfigError(f"options.z_dim: expected {seed} or, cut in {parts} parts, {seed * parts}, got {z_dim}")
    published = PUBLISHED_Z_DIM.get(settings.image_shape[0])
    if settings.architecture == "resnet_biggan_arch" and published in (seed, seed * parts):
        settings.assumed[option] = (repr(published != seed), f"the published z_dim of this resolution is {published}")
        return published != seed
    default = settings.architecture == "resnet_biggan_arch"
    settings.assumed[option] = (repr(default), "the original's default")
    return default


def _read_deep(shapes, settings, z_dim, bound):
    channels = resnet_biggan_deep.GENERATOR_CHANNELS
    side = _resolution(shapes, r"generator/B(\d+)/conv1/1x1_conv/kernel", channels)
    colours = shapes.required("discriminator/initial_conv/kernel", 2)
    settings.image_shape = (side, side, colours)
    _read_embeddings(shapes, settings, "resnet_biggan_deep")
    read = settings.read
    del read["resnet_biggan_deep.Generator.embed_z"]  # this one embeds labels only
    read["resnet_biggan_deep.Generator.ch"] = repr(
        _multiple(shapes, "generator/final_conv/kernel", 2, channels[side][-1])
    )
    read["resnet_biggan_deep.Discriminator.ch"] = repr(
        _multiple(shapes, "discriminator/final_fc/kernel", 0, resnet_biggan_deep.DISCRIMINATOR_CHANNELS[side][-1])
    )
    fast = shapes.side("generator/final_conv/kernel", 3) != colours
    read["resnet_biggan_deep.Generator.experimental_fast_conv_to_rgb"] = repr(fast)
    embedded = shapes.side("generator/embed_y/kernel", 1)
    if embedded:
        read["resnet_biggan_deep.Generator.embed_y_dim"] = repr(embedded)
    seed = shapes.required("generator/fc_noise/kernel", 0)  # latents and labels together
    if embedded is None and settings.num_classes is None and read["G.batch_norm_fn"] == "@conditional_batch_norm":
        if z_dim is None:
            raise ConfigError(f"options.z_dim: latents and labels have {seed} values together; bind how many latents")
        settings.num_classes = seed - z_dim
    settings.z_dim = seed - (embedded or settings.num_classes or 0)


def _read_named(shapes, settings, image_shape):
    if image_shape is None:
        raise ConfigError(
            f"dataset.name: the size of the images of {settings.architecture} is not in the shapes; bind the data set "
            "with --gin_config or --gin_bindings"
        )
    settings.image_shape = image_shape
    settings.z_dim = shapes.side("generator/g_fc1/kernel", 0) or shapes.required("generator/fc_noise/kernel", 0)
    _, condition = shapes.first("/condition/gamma/kernel$")
    settings.num_classes = condition[0] if condition else None


READERS = {
    "resnet_biggan_arch": _read_biggan,
    "resnet_biggan_deep_arch": _read_deep,
    "resnet_cifar_arch": _read_cifar,
}
