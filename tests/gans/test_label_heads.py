"""What all heads that use labels have in common: images without a label, checks, variables, terms, training."""

import collections

import numpy as np
import pytest
import tensorflow as tf
from support import tiny_architecture
from support.catalogue import CONDITIONAL_GAN, PREDICTOR, SPECTRAL, Gan
from support.losses_in_numpy import fakes, made, no_draws, one_hot

from compare_gan2.gans.auxiliary_classifiers import AuxiliaryClassifier
from compare_gan2.gans.batch import Batch
from compare_gan2.gans.label_heads import examples, one_class
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.gans.regularizers import Update
from compare_gan2.ground.errors import ConfigError
from compare_gan2.reporting.tag_names import readable_tag
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep

SMALL = ("contragan.embedding_size = 5", "reacgan.embedding_size = 5")
WITH_TERMS = ("acgan", "tac", "adc", "contragan", "reacgan")
TAGS = {
    "acgan": ["loss/acgan_real", "loss/acgan_fake", "loss/acgan_g"],
    "tac": ["loss/tac_real", "loss/tac_twin_d", "loss/tac_g", "loss/tac_twin_g"],
    "adc": ["loss/adc_real", "loss/adc_fake", "loss/adc_g"],
    "contragan": ["loss/contragan_d", "loss/contragan_g"],
    "reacgan": ["loss/reacgan_d", "loss/reacgan_g"],
    "multi_hinge": [],
    "projection": [],
}
Outputs = collections.namedtuple("Outputs", ["features", "labels"], defaults=[None])


def gan_with(*names, gan_class="ModularGAN", bindings=()):
    heads = ", ".join(f"@{name}()" for name in names)
    given = ("ModularGAN.conditional = True", "loss.fn = @hinge", *SMALL, f"ModularGAN.label_heads = [{heads}]")
    return made(gan_class, *given, *bindings)


def terms_of(head, real, fake, labels, fake_labels, known=None):
    """(sum of the discriminator's terms, that of the generator's) with their weights."""
    batch = Batch(None, labels, None, fake_labels, known_labels=known)
    update = Update(None, batch, None, Outputs(real, labels), Outputs(fake, fake_labels))
    return [
        tf.add_n([weight * value for _, weight, value in terms])
        for terms in (head.discriminator_terms(update), head.generator_terms(update))
    ]


def features(seed):
    return tf.constant(np.random.RandomState(seed).standard_normal([8, 6]), tf.float32)


@pytest.mark.parametrize("name", WITH_TERMS)
def test_an_image_without_a_label_has_no_influence(name):
    _, gan = gan_with(name)
    (head,) = gan.objective.label_heads
    real, fake, unknown = features(0), features(1), np.arange(8) % 3 == 0
    labels = one_hot(np.where(unknown, -1, [0, 1, 2, 0, 1, 1, 2, 0]))
    fake_labels = one_hot(np.where(unknown, -1, [2, 1, 0, 0, 1, 2, 0, 2]))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        of_d, of_g = terms_of(head, real, fake, tf.constant(labels), tf.constant(fake_labels))
    of_real = tape.gradient(of_d, real).numpy()
    assert not np.any(of_real[unknown]) and np.all(np.any(of_real[~unknown], axis=1))
    of_fake = tape.gradient(of_g, fake).numpy()
    assert not np.any(of_fake[unknown]) and np.all(np.any(of_fake[~unknown], axis=1))
    # Nor does it change the value, which equals that of the labelled images alone.
    only = [tf.boolean_mask(values, ~unknown) for values in (real, fake, labels, fake_labels)]
    only = [tf.ensure_shape(values, [5, values.shape[1]]) for values in only]
    for whole, alone in zip((of_d, of_g), terms_of(head, *only), strict=True):
        assert float(whole) == pytest.approx(float(alone), rel=1e-5)


@pytest.mark.parametrize("name", WITH_TERMS)
def test_without_any_label_there_is_no_term(name):
    _, gan = gan_with(name)
    (head,), none = gan.objective.label_heads, tf.zeros([8, 3])
    assert [float(value) for value in terms_of(head, features(0), features(1), none, none)] == [0, 0]


@pytest.mark.parametrize("name", WITH_TERMS)
def test_a_fake_in_the_place_of_a_real_image_is_not_learned_from(name):
    """As `@apa` shows them: known labels are those of the real images that stayed."""
    labels, known = one_hot([0, 1, 2, 0, 1, 2, 0, 1]), one_hot([0, -1, 2, 0, -1, 2, 0, 1])
    unknown = np.array([1, 4])
    for bindings in ((), (f"{name}.labels = 'completed'",)):
        _, gan = gan_with(name, gan_class="S3GAN", bindings=(*PREDICTOR, *bindings))
        real = features(0)
        with tf.GradientTape() as tape:
            tape.watch(real)
            given = (tf.constant(one_hot([0, 1, 2] * 2 + [0, 1])), tf.constant(known))
            of_d, _ = terms_of(gan.objective.label_heads[0], real, features(1), tf.constant(labels), *given)
        assert np.flatnonzero(~np.any(tape.gradient(of_d, real).numpy(), axis=1)).tolist() == unknown.tolist()


def test_completed_labels_are_those_of_the_predictor():
    sums = []
    for labels in ("known", "completed"):
        bindings = (*PREDICTOR, f"acgan.labels = '{labels}'", "acgan.classify_fakes = False")
        case, gan = gan_with("acgan", gan_class="S3GAN", bindings=bindings)
        batch = gan.prepare(case.batch())
        _, scalars = gan.discriminator_loss(batch, tf.constant(fakes()), no_draws)
        sums.append(float(scalars["loss/acgan_real"]))
    values = gan.discriminator(batch.images, batch.labels).features.numpy()
    guesses = gan.predict_labels(batch.images).numpy().argmax(1)
    logits = gan.objective.label_heads[0].outputs_of(tf.constant(values), training=False)
    numbers = case.batch()["labels"].numpy()
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(np.where(numbers < 0, guesses, numbers), logits).numpy()
    assert sums == pytest.approx([losses[numbers >= 0].mean(), losses.mean()], rel=1e-5)


def test_soft_labels_are_of_their_most_likely_class_or_of_none():
    labels = tf.constant([[0.2, 0.7, 0.1], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    np.testing.assert_array_equal(one_class(labels), [[0, 1, 0], [0, 0, 0], [1, 0, 0]])
    (given,) = examples([labels], [labels])
    np.testing.assert_allclose(given.weights, [1.5, 0, 1.5])
    assert float(given.mean(tf.constant([1.0, 100.0, 2.0]))) == pytest.approx(1.5)


@pytest.mark.parametrize("gan_class", ["ModularGAN", "SSGAN", "S3GAN"])
def test_all_heads_in_any_gan(gan_class):
    """Terms are logged under readable names, each adds its weight times its value, variables are in the checkpoint."""
    names = ("acgan", "tac", "adc", "contragan", "reacgan", "projection")
    sizes = {"SSGAN": ("SSGAN.rotated_batch_size = 8",), "S3GAN": (*PREDICTOR, "S3GAN.project_y = False")}
    bindings = (*CONDITIONAL_GAN, *SPECTRAL, *sizes.get(gan_class, ()))
    case, gan = gan_with(*names, gan_class=gan_class, bindings=bindings)
    state = TrainState(gan)
    variables = state.variables()
    for name in ("acgan", "tac", "tac_twin", "adc"):
        assert f"discriminator_{name}/class/kernel" in variables
        assert f"discriminator_{name}/class/kernel/u_var" in variables
    for name in ("contragan", "reacgan"):
        assert {f"discriminator_{name}/embedding/kernel", f"discriminator_{name}_proxies/kernel"} <= set(variables)
    trained = [v for v in gan.discriminator_variables if v.path.startswith("discriminator_")]
    before = {v.path: v.numpy() for v in trained}
    step = tf.function(lambda batch: TrainStep(gan, state)((batch,), tf.constant(0, tf.int64), StepRandom(0, 0)))
    scalars = step(case.batch())
    for tag in sum((TAGS[name] for name in names), []):
        assert np.isfinite(scalars[tag]) and readable_tag(tag) != tag
    assert ("loss/d_adversarial" in scalars) == (gan_class != "S3GAN")
    unchanged = [v.path for v in trained if np.array_equal(v.numpy(), before[v.path])]
    assert not unchanged


@pytest.mark.parametrize("name", WITH_TERMS)
def test_terms_count_with_their_weights(name):
    case, gan = gan_with(name)
    (head,) = gan.objective.label_heads
    batch, images = gan.prepare(case.batch()), tf.constant(fakes())
    ends = []
    for weight in (0.0, 2.0):
        head.weight_d = head.weight_g = weight
        loss, scalars = gan.discriminator_loss(batch, images, no_draws)
        of_g, scalars_g = gan.generator_loss(batch, images)
        ends.append((float(loss), float(of_g)))
    weighted = [tag for tag in TAGS[name] if "twin" not in tag]
    of_d = sum(float(scalars[tag]) for tag in weighted if tag in scalars)
    of_g = sum(float(scalars_g[tag]) for tag in weighted if tag in scalars_g)
    assert ends[1][0] - ends[0][0] == pytest.approx(2.0 * of_d, rel=1e-3)
    assert ends[1][1] - ends[0][1] == pytest.approx(2.0 * of_g, rel=1e-3)


def test_gans_share_no_layers():
    case = Gan("ModularGAN", ("ModularGAN.conditional = True", "ModularGAN.label_heads = [@acgan()]"))
    spec = case.spec()
    first, second = spec.make(), spec.make()
    for gan in (first, second):
        gan.build()
    assert first.objective.label_heads[0].classifier is not second.objective.label_heads[0].classifier


@pytest.mark.parametrize(
    "gan_class, bindings, message",
    [
        ("ModularGAN", ["ModularGAN.label_heads = [@adc(), @adc()]"], r"expected each once, got @adc\(\) 2 times"),
        (
            "ModularGAN",
            ["ModularGAN.label_heads = [@projection(), @multi_hinge()]"],
            r"label_heads: expected one head that owns the logits, got @projection\(\) and @multi_hinge\(\)",
        ),
        (
            "ModularGAN",
            ["ModularGAN.label_heads = [@reacgan()]", "ModularGAN.conditional = False"],
            r"label_heads: @reacgan\(\) learns from labels and needs ModularGAN.conditional = True .* got False; bind",
        ),
        (
            "ModularGAN",
            ["ModularGAN.label_heads = [@tac()]", "tac.labels = 'completed'"],
            "tac.labels: expected 'known' without a predictor that completes labels, got 'completed'; or take an S3GAN",
        ),
        ("ModularGAN", ["ModularGAN.label_heads = [@acgan]"], r"label_heads: expected .*@acgan\(\).*, got \[@acgan\]"),
        ("ModularGAN", ["ModularGAN.label_heads = [@lecam()]"], r"label_heads: expected .*got \[@lecam\(\)\]"),
        ("ModularGAN", ["ModularGAN.label_heads = [@acgan()]", "acgan.weight_g = -0.1"], "acgan.weight_g: expected"),
        ("ModularGAN", ["ModularGAN.label_heads = [@adc()]", "adc.labels = 'some'"], "adc.labels: expected one of"),
        (
            "ModularGAN",
            ["ModularGAN.label_heads = [@contragan()]", "contragan.temperature = 0"],
            "contragan.temperature: expected",
        ),
        ("ModularGAN", ["ModularGAN.label_heads = [@reacgan()]", "reacgan.margin = 1.1"], "reacgan.margin: expected"),
        (
            "S3GAN",
            ["ModularGAN.label_heads = [@multi_hinge()]", *PREDICTOR],
            r"@multi_hinge\(\) owns the logits and needs S3GAN.project_y = False, .* got True",
        ),
        (
            "S3GAN",
            ["ModularGAN.label_heads = [@acgan()]", *PREDICTOR, "S3GAN.project_y = False"],
            "S3GAN.use_predictor: True needs S3GAN.project_y = True, got False; or a label head that takes predicted",
        ),
        (
            "ModularGAN",
            [
                "ModularGAN.label_heads = [@projection()]",
                "options.architecture = 'resnet_cifar_arch'",
                "resnet_cifar.Discriminator.project_y = True",
            ],
            r"@projection\(\) owns the logits and needs resnet_cifar.Discriminator.project_y = False",
        ),
        (
            "SSGAN",
            [
                *("ModularGAN.label_heads = [@projection()]", "SSGAN.self_supervision = 'rotation_only'"),
                "SSGAN.rotated_batch_size = 8",
            ],
            r"@projection\(\) owns the logits, which SSGAN.self_supervision = 'rotation_only' does not train",
        ),
        (
            "ModularGAN",
            ["ModularGAN.label_heads = [@multi_hinge()]", "loss.fn = @rpgan"],
            r"loss.fn: expected @hinge with @multi_hinge\(\), which is its generalisation, got @rpgan",
        ),
        (
            "ModularGAN",
            [
                *("ModularGAN.label_heads = [@multi_hinge()]", "loss.fn = @hinge", "loss.top_k = @topk()"),
                "topk.steps_per_epoch = 5",
            ],
            r"loss.top_k: expected None with @multi_hinge\(\)",
        ),
    ],
)
def test_what_is_refused(gan_class, bindings, message):
    with pytest.raises(ConfigError, match=message) as caught:
        Gan(gan_class, ("ModularGAN.conditional = True", *bindings), image_shape=(32, 32, 3)).make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["contragan", "reacgan"])
def test_what_compares_images_is_not_accumulated(name):
    _, gan = gan_with(name)
    with pytest.raises(ConfigError, match=rf"expected 1 with ModularGAN.label_heads = \[@{name}\(\)\], .*, got 2"):
        gan.check_batch(num_replicas=1, accumulate_steps=2)
    gan.check_batch(num_replicas=2)


def test_a_gan_made_without_a_configuration_is_checked_when_it_is_built():
    networks = tiny_architecture.Generator((8, 8, 3)), tiny_architecture.Discriminator()
    gan = ModularGAN(*networks, z_dim=5, label_heads=[AuxiliaryClassifier()])
    with pytest.raises(ConfigError, match=r"@acgan\(\) learns from labels"):
        gan.build()
