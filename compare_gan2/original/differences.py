"""What bindings of the original mean here: which have no effect, are refused or change numbers, and what to do.

docs/differences.md of the repository has the whole list, also of what differs in every run.
"""

import collections
import dataclasses

from compare_gan2.architectures import resnet_biggan
from compare_gan2.datasets.catalog import DATASETS

Reference = collections.namedtuple("Reference", ["name", "evaluate"])
Reference.__doc__ = """A value `@name` or, if `evaluate`, `@name()`; the name is the shortest one."""

_BY_CALLER = "no effect, the caller gives it"
NO_EFFECT = {
    "weights.stddev": "no effect: kernels start with a deviation of 0.02",
    "options.discriminator_normalization": "no effect: D.batch_norm_fn, D.layer_norm and D.spectral_norm have",
    "resnet_biggan_deep.Discriminator.blocks_with_attention": "no effect: attention is applied to maps of 64x64",
    "normal.stddev": f"{_BY_CALLER}: z.stddev and eval_z.stddev have one",
    "truncated_normal.stddev": f"{_BY_CALLER}: z.stddev and eval_z.stddev have one",
    "uniform.minval": f"{_BY_CALLER}: z.minval and eval_z.minval have one",
    "uniform.maxval": f"{_BY_CALLER}: z.maxval and eval_z.maxval have one",
}
NO_EFFECT_OF_OPTIMIZERS = {
    "learning_rate": f"{_BY_CALLER}: ModularGAN.g_lr and ModularGAN.d_lr have one",
    "name": _BY_CALLER,
    "use_locking": "no effect",
}


@dataclasses.dataclass(frozen=True)
class Note:
    """A note about a binding.

    Attributes:
        binding: `selector.parameter`, or the statement.
        text: what differs, and what to do.
        value: gin text of the value that the binding gets; None if it keeps its own.
        drop: whether the binding becomes a comment.
        offer: binding that restores the original's behaviour; it is written as a comment.
    """

    binding: str
    text: str
    value: str | None = None
    drop: bool = False
    offer: str | None = None


def without_effect(selector, parameter):
    """`Note` for a binding that has no effect by itself, else None."""
    text = NO_EFFECT.get(f"{selector}.{parameter}")
    if selector.endswith("Optimizer"):
        text = NO_EFFECT_OF_OPTIMIZERS.get(parameter)
    return Note(f"{selector}.{parameter}", text, drop=True) if text else None


def notes_on(bound):
    """[`Note`] for what some bindings mean together.

    Args:
        bound: {`selector.parameter`: value}, `Reference` objects in it.
    """
    return [note for rule in RULES for note in rule(bound)]


def _gan(bound):
    value = bound.get("options.gan_class")
    return value.name if isinstance(value, Reference) else None


def _of_gan(bound, parameter, default=None):
    """Value of a GAN's parameter, whether its class or ModularGAN has the binding."""
    return bound.get(f"{_gan(bound)}.{parameter}", bound.get(f"ModularGAN.{parameter}", default))


def _is_function(value, *names):
    return isinstance(value, Reference) and value.name in names


def missing_attention(bound):
    """Attention after blocks that the network does not have: ignored there, refused here."""
    dataset = bound.get("dataset.name")
    side = DATASETS[dataset].image_shape[0] if dataset in DATASETS else None
    for network, channels, inputs in (
        ("Generator", resnet_biggan.GENERATOR_CHANNELS, 1),
        ("Discriminator", resnet_biggan.DISCRIMINATOR_CHANNELS, 0),
    ):
        option = f"resnet_biggan.{network}.blocks_with_attention"
        value = bound.get(option)
        if side not in channels or not isinstance(value, str):
            continue
        blocks = [f"B{number}" for number in range(1, len(channels[side]) - inputs + 1)]
        named = [name.strip() for name in value.split(",") if name.strip()]
        if set(named) - set(blocks):
            kept = ",".join(name for name in named if name in blocks)
            yield Note(option, f"blocks that do not exist are refused; at {side}x{side} there are {blocks}", repr(kept))


def labels_of_rotated_fakes(bound):
    if _gan(bound) == "SSGAN" and _of_gan(bound, "conditional"):
        yield Note(
            "options.gan_class",
            "rotated copies of fakes carry their own labels, not those of the real images; the original's numbers need",
            offer="SSGAN.rotated_fakes_take_real_labels = True",
        )


def losses_of_self_supervision(bound):
    if bound.get("SSGAN.self_supervision") == "rotation_only":
        yield Note(
            "SSGAN.self_supervision", "the other losses are left out, not multiplied by 0: NaN in them does not spread"
        )
    if _gan(bound) == "S3GAN" and not _is_function(
        bound.get("penalty.fn", Reference("no_penalty", False)), "no_penalty"
    ):
        yield Note("penalty.fn", "no effect: S3GAN adds no penalty", drop=True)
    if _gan(bound) == "S3GAN" and not _of_gan(bound, "conditional"):
        yield Note("options.gan_class", "S3GAN needs ModularGAN.conditional = True and is refused without; see @SSGAN")


def double_projection(bound):
    """Both S3GAN and the discriminator project labels, unless `project_y` of the latter is False."""
    module = str(bound.get("options.architecture")).removesuffix("_arch")
    option = f"{module}.Discriminator.project_y"
    default = module in ("resnet_biggan", "resnet_biggan_deep")
    if _gan(bound) == "S3GAN" and bound.get("S3GAN.project_y") and bound.get(option, default):
        yield Note("S3GAN.project_y", f"labels are projected twice, as in the original, unless {option} = False")


def seeds(bound):
    if "dataset.seed" in bound:
        yield Note("dataset.seed", "fixes the order of the images; noise and labels follow run_config.tf_random_seed")
    if bound.get("run_config.tf_random_seed", 0) is None:
        yield Note("run_config.tf_random_seed", "None counts as 0: runs are repeatable")


def replicas(bound):
    if bound.get("cross_replica_moments.group_size") not in (None, 0, 1):
        text = "moments are shared by all replicas or by none (1); in the original it reached the variance alone"
        yield Note("cross_replica_moments.group_size", text, value="None")
    if bound.get("standardize_batch.use_cross_replica_mean", True) is None:
        text = "None shares moments on all devices; the original shared them on TPUs only, False shares nowhere"
        yield Note("standardize_batch.use_cross_replica_mean", text)


def evaluation_latents(bound):
    """`eval_z` is bound separately from `z`: if it is not bound, other images are scored than trained for."""
    for name, value in bound.items():
        if name.startswith("z.") and bound.get(f"eval_{name}", object()) != value:
            yield Note(name, f"scores draw latents from eval_z, where eval_{name} is bound otherwise or not at all")


def steps(bound):
    count, per_step = bound.get("options.training_steps"), bound.get("options.disc_iters", 1)
    if isinstance(count, int) and isinstance(per_step, int) and per_step > 1:
        text = f"counts generator steps, as the original's code did: {count * per_step} discriminator updates"
        yield Note("options.training_steps", text)


def calls_of_discriminator(bound):
    if _of_gan(bound, "deprecated_split_disc_calls"):
        name = next(n for n in bound if n.endswith(".deprecated_split_disc_calls"))
        refused = _gan(bound) in ("SSGAN", "S3GAN")
        reason = f"refused: {_gan(bound)} calls the discriminator once on all images"
        yield Note(name, reason if refused else "deprecated in the original, and works here as there")
    if _of_gan(bound, "experimental_joint_gen_for_disc") and not _of_gan(bound, "experimental_force_graph_unroll"):
        name = next(n for n in bound if n.endswith(".experimental_joint_gen_for_disc"))
        yield Note(
            name, "refused off TPUs, as in the original, without ModularGAN.experimental_force_graph_unroll = True"
        )
    norm = bound.get("D.batch_norm_fn")
    has_penalty = not _is_function(bound.get("penalty.fn", Reference("no_penalty", False)), "no_penalty")
    if norm is not None and not _is_function(norm, "no_batch_norm") and has_penalty and _gan(bound) != "S3GAN":
        yield Note("D.batch_norm_fn", "the generator's update no longer runs the penalty for its effect on statistics")


RULES = (
    missing_attention,
    labels_of_rotated_fakes,
    losses_of_self_supervision,
    double_projection,
    seeds,
    replicas,
    evaluation_latents,
    steps,
    calls_of_discriminator,
)
