"""Any value of any option: it is taken as it is, or refused in one line that names the option.

`EXAMPLES=10000 pytest tests/properties -n 0` draws as many of each.
"""

import inspect
import os
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import compare_gan2.studies.plan  # noqa: F401, declares study.*
from compare_gan2.config.configuration import parse
from compare_gan2.config.declare import REQUIRED, declared, gin_text, parameters, selector, signature
from compare_gan2.config.matching import matches
from compare_gan2.gans.make_gan import model_spec
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.settings import CommandOptions, read_settings

EXAMPLES = int(os.environ.get("EXAMPLES", "150"))
DRAWN = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
OURS = [target for target in declared() if target.__module__.startswith("compare_gan2.")]
OPTIONS = [(target, name) for target in OURS for name in parameters(target)]
# What makes the objects that need more than one option.
COMPLETE = {
    "options": ["batch_size = 8", "gan_class = @ModularGAN", "architecture = 'dcgan_arch'", "training_steps = 10"],
    "dataset": ["name = 'mnist_5k'"],
    "arrays": ["path = 'a.npz'"],
    "idx": ["path = 'mnist'"],
    "folder": ["path = 'pictures'", "resolution = 32"],
    "pretrain": ["task = 'rotation'", "training_steps = 10"],
    "study": ["configs = ['s3gan.gin']", "seeds = [0]", "results = 'results.csv'"],
    "S3GAN": ["rotated_batch_fraction = 4"],
    "SSGAN": ["rotated_batch_size = 8"],
    "MomentumOptimizer": ["momentum = 0.9"],
}
NUMBERS = st.one_of(
    st.sampled_from([0, 1, -1, 2, 10**9, 2**31, 2**32, 2**63, 10**400, 0.0, -0.0, 0.5, 1.0, 1e-300, 1e39, 5e-324]),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)
TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(["", " ", "gs://b/x", "../x", "a\nb", "a\0b", "[", "x" * 300]))
LITERALS = st.recursive(
    st.one_of(NUMBERS, TEXTS, st.none(), st.booleans(), st.binary(max_size=4)),
    lambda part: st.one_of(
        st.lists(part, max_size=4), st.lists(part, max_size=3).map(tuple), st.dictionaries(TEXTS, part, max_size=3)
    ),
    max_leaves=6,
)
REFERENCES = st.sampled_from(
    [f"@{selector(target)}" for target in OURS]
    + ["@hinge()", "@nothing", "%nothing", "%gin.REQUIRED", "@scope/hinge", "[@hinge, 1]", "1e999", "-1e999"]
)
GARBAGE = st.one_of(
    st.sampled_from(["", "=", "[", ")", "'", "'''", "1 2", "$", "{1: }", "lambda: 0"]), st.text(max_size=8)
)
VALUES = st.one_of(LITERALS.map(repr), REFERENCES, GARBAGE)


def lines_of(target, but=None):
    """Lines that bind what a target cannot be made without, but one parameter."""
    name = selector(target)
    return [f"{name}.{line}" for line in COMPLETE.get(name, []) if line.split(" = ")[0] != but]


def resolved(target, lines):
    """The arguments of a target under bindings; options classes are made, too, since they check further."""
    config = parse([], lines)
    given_by_caller = {
        name: None
        for name, parameter in inspect.signature(target).parameters.items()
        if parameter.default is inspect.Parameter.empty
        and name not in parameters(target)
        and parameter.kind not in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    }
    found = config.arguments(target, **given_by_caller)
    if hasattr(target, "__dataclass_fields__"):
        target(**found)
    return config, found


@DRAWN
@given(st.sampled_from(OPTIONS), VALUES)
def test_any_value_is_taken_as_it_is_or_refused_in_one_line(option, value):
    target, name = option
    full = f"{selector(target)}.{name}"
    lines = lines_of(target, but=name)
    try:
        config, found = resolved(target, [*lines, f"{full} = {value}"])
    except ConfigError as error:
        message = str(error)
        assert "\n" not in message and len(message) < 2000, message
        return
    if name not in found:  # a comment, a second line
        return
    assert found[name] is REQUIRED or matches(found[name], signature(target)[1][name])
    if (text := config.record.get(full)) is not None and not re.search("[\n#]", value):  # it is recorded as it is
        again, same = resolved(target, [*lines, f"{full} = {text}"])
        assert gin_text(same[name]) == gin_text(found[name]) == text


RUN = [
    *(f"options.{line}" for line in COMPLETE["options"]),
    "dataset.name = 'mnist_5k'",
    "dcgan.Generator.ch = 2",
    "dcgan.Discriminator.ch = 2",
    "S3GAN.rotated_batch_fraction = 2",
    "SSGAN.rotated_batch_size = 8",
    "ModularGAN.conditional = True",
]


@settings(DRAWN, max_examples=max(EXAMPLES // 10, 20))
@given(
    st.lists(st.tuples(st.sampled_from(OPTIONS), VALUES), min_size=1, max_size=4),
    st.sampled_from(["ModularGAN", "SSGAN", "S3GAN"]),
)
def test_networks_are_made_or_refused_in_one_line(drawn, gan):
    lines = [*RUN, f"options.gan_class = @{gan}"]
    lines += [f"{selector(target)}.{name} = {value}" for (target, name), value in drawn]
    try:
        config = parse([], lines)
        options = read_settings(config, CommandOptions("run")).options
        gan = model_spec(config, options, image_shape=(32, 32, 1), num_classes=10).make()
        gan.check_batch(num_replicas=2, accumulate_steps=2)
        gan.make_optimizers()
    except ConfigError as error:
        assert "\n" not in str(error), error


@pytest.mark.parametrize(
    "binding",
    [
        *("ModularGAN.g_lr = -1", "ModularGAN.d_lr = 1e999", "ModularGAN.ema_decay = 2", "AdamOptimizer.beta1 = 2.5"),
        *("S3GAN.weight_rotation_loss_d = -1.0", "options.lamba = -1", "z.stddev = -1.0", "AdamOptimizer.epsilon = -1"),
        *("standardize_batch.decay = 2.5", "standardize_batch.epsilon = 0", "dcgan.Generator.ch = 0"),
        *("options.batch_size = 1000000000", "options.z_dim = 1000000000", "folder.resolution = 1000000000"),
        *("resnet_biggan.Generator.embed_y_dim = -1", "self_modulated_batch_norm.num_hidden = -1"),
        *("run_config.tf_random_seed = 4294967296", "evaluation.cache_dir = 'gs://bucket/x'", "z.minval = 3.0"),
        *("batch_norm.standardize = {'x': 1}", "prd.num_angles = 2"),
        *(
            "kid_of_subsets.subset_size = 1",
            "study.seeds = [-1]",
            "options.z_dim = True",
            "AdamOptimizer.beta1 = @AdamOptimizer",
            "ModularGAN.g_lr = 1e-50",
        ),
    ],
)
def test_values_that_once_trained_to_the_end_or_ended_in_a_traceback(binding):
    name = binding.split(" = ")[0]
    (target,) = [t for t in OURS if selector(t) == name.rpartition(".")[0]]
    with pytest.raises(ConfigError, match=f"{re.escape(name)}: expected .*, got ") as caught:
        config, found = resolved(
            target, [*(f"{selector(target)}.{line}" for line in COMPLETE.get(selector(target), [])), binding]
        )
        target(**found)
    assert "\n" not in str(caught.value)
