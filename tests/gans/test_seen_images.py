"""What the discriminator sees, in both updates, with one device, several, parts, and after a resume."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import CONDITIONAL_GAN, GANS, PREDICTOR, SPECTRAL, Gan, filled

from compare_gan2.augmentation.ada import Ada
from compare_gan2.augmentation.apa import Apa
from compare_gan2.augmentation.diffaugment import DiffAugment
from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.gans.losses import Hinge, Wasserstein
from compare_gan2.gans.seen_images import SIGN, SeenImages
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.accumulation import AccumulatedStep
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import Moment, StepRandom, TrainStep

DIFFAUGMENT = ("ModularGAN.augmentation = @diffaugment()",)
ADA = ("ModularGAN.augmentation = @ada()", "ada.p = 0.5", "ada.interval = 1", "ada.kimg = 0.1")
APA = ("ModularGAN.pseudo_augmentation = @apa()", "apa.p = 0.5", "apa.interval = 2", "apa.kimg = 0.1")
S3GAN = (*SPECTRAL, *CONDITIONAL_GAN, *PREDICTOR, "S3GAN.rotated_batch_fraction = 2")
# Smooth, and without batch norm, so that a batch in parts gives what it gives as a whole.
IN_PARTS = ("ModularGAN.conditional = True", "G.batch_norm_fn = @no_batch_norm", *SPECTRAL)


def made(case, num_replicas=1):
    gan = case.make(num_replicas)
    for part in (gan.generator, gan.discriminator, *gan.heads):
        filled(part)
    return gan, TrainState(gan)


def trained(case, steps=(0, 1), make_step=TrainStep, state=None, gan=None):
    """({tag: scalar} of the last step, state) after some steps."""
    if gan is None:
        gan, state = made(case)
    step = make_step(gan, state)
    for number in steps:
        scalars = step((case.batch(number),), tf.convert_to_tensor(state.step), StepRandom(3, state.step))
        state.count_step()
    return {tag: float(value) for tag, value in scalars.items()}, state


def judged_by(gan):
    """List of the images of every call of the discriminator from now on."""
    seen, call = [], gan.discriminator.call
    gan.discriminator.call = lambda images, *a, **k: seen.append(images) or call(images, *a, **k)
    return seen


def test_without_parts_nothing_is_computed():
    sees, batch, fakes = SeenImages(), object(), object()
    sees.build()
    assert sees(batch, fakes, None) == (batch, fakes)
    assert sees.scalars(None) == sees.variables() == {} and sees.adapt({}, 8) is None
    assert not [name for name in made(GANS["s3gan"])[1].variables() if name.startswith(("ada/", "apa/"))]


@pytest.mark.parametrize("name", ["modular", "s3gan"])
def test_without_parts_the_graph_is_that_of_a_step_that_never_asks(name):
    def nodes(gan, state):
        step = TrainStep(gan, state)
        trace = tf.function(lambda batch: step((batch,), tf.constant(0, tf.int64), StepRandom(3, 0)), autograph=False)
        return [(op.type, op.name) for op in trace.get_concrete_function(GANS[name].batch()).graph.get_operations()]

    gan, state = made(GANS[name])
    expected = nodes(gan, state)
    gan.sees = type("Identity", (), {"__call__": lambda s, batch, fakes, _: (batch, fakes)})()
    gan.sees.scalars, gan.sees.adapt, gan.sees.variables = (lambda logits: {}), (lambda *_: None), dict
    gan.sees.plain_rotations = gan.sees.plain_classes = False
    assert nodes(gan, state) == expected


@pytest.mark.parametrize("gan_class, bindings", [("ModularGAN", ()), ("S3GAN", (*S3GAN, "S3GAN.reuse_fakes = True"))])
def test_both_updates_see_augmented_images(gan_class, bindings):
    case = Gan(gan_class, (*bindings, *DIFFAUGMENT), num_classes=3)
    gan, state = made(case)
    batch = gan.prepare(case.batch())
    with tf.GradientTape() as tape:
        fakes = gan.generate(batch)
    seen, step, random = judged_by(gan), TrainStep(gan, state), StepRandom(3, 0)
    step.update_discriminator(batch, fakes, random, 0)
    step.update_generator(batch, fakes, tape, tf.constant(0, tf.int64), random)
    augment, size = DiffAugment(), batch.images.shape[0]
    of_d, of_g = Moment.of(random, 0).uniform, Moment.of(random, "g").uniform
    np.testing.assert_array_equal(seen[0][:size], augment(batch.images, of_d, "augmentation/real"))
    first_fake = size + 3 * getattr(gan, "num_rotated", lambda images: 0)(batch.images)
    np.testing.assert_array_equal(seen[0][first_fake:][:size], augment(fakes, of_d, "augmentation/fake"))
    np.testing.assert_array_equal(seen[1][:size], augment(fakes, of_g, "augmentation/fake"))
    assert np.any(seen[0][first_fake:][:size] != seen[1][:size])


@pytest.mark.parametrize("part", [DiffAugment(), Ada(p=0.8, target=None)])
def test_gradients_reach_the_generator_through_the_augmentation(part):
    case = Gan("ModularGAN", (), num_classes=None)
    gan, state = made(case)
    gan.sees = SeenImages(part)
    batch, step, random = gan.prepare(case.batch()), TrainStep(gan, state), StepRandom(3, 0)
    with tf.GradientTape() as tape:
        fakes = gan.generate(batch)
    gradients, scalars = step.generator_gradients(batch, fakes, tape, random)
    variables = [v.value for v in gan.generator.trainable_variables]
    with tf.GradientTape() as whole:
        seen = part(gan.generate(batch), Moment.of(random, "g").uniform, "augmentation/fake")
        loss = gan.loss.generator(gan.discriminator(seen, None, training=True).logits)
    assert float(scalars["loss/g"]) == pytest.approx(float(loss), rel=1e-5)
    for ours, expected in zip(gradients, whole.gradient(loss, variables), strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-5 * float(tf.reduce_max(tf.abs(expected))) + 1e-7)


@pytest.mark.parametrize(
    "gan_class, bindings",
    [
        ("ModularGAN", ()),
        ("ModularGAN", (*CONDITIONAL_GAN, "D.batch_norm_fn = @batch_norm")),
        ("SSGAN", (*CONDITIONAL_GAN, "SSGAN.rotated_batch_size = 16", "SSGAN.rotated_fakes_take_real_labels = True")),
        ("S3GAN", S3GAN),
    ],
)
def test_every_gan_trains_with_every_part(gan_class, bindings):
    case = Gan(gan_class, (*bindings, *ADA, *APA), num_classes=3)
    scalars, state = trained(case)
    assert all(np.isfinite(value) for value in scalars.values())
    assert {"augmentation/ada_p", "augmentation/apa_p", SIGN} <= scalars.keys()
    names = {f"{part}/{name}" for part in ("ada", "apa") for name in ("p", "updates", "signs", "logits")}
    assert names <= state.variables().keys()
    assert [int(state.variables()[f"{part}/updates"]) for part in ("ada", "apa")] == [2, 2]


def test_the_probability_follows_the_signs_of_the_logits_of_real_images():
    case = Gan("ModularGAN", ADA, num_classes=None)
    gan, state = made(case)
    p = 0.5
    for number in range(3):
        scalars, _ = trained(case, [number], state=state, gan=gan)
        assert scalars["augmentation/ada_p"] == pytest.approx(p)  # the one of this update
        p = max(0.0, p + np.sign(scalars[SIGN] - 0.6) * 8 / 100)
        assert float(state.variables()["ada/p"]) == pytest.approx(p)
    assert p != 0.5


def test_a_resumed_run_equals_one_that_was_not_stopped():
    case = Gan("S3GAN", (*S3GAN, *ADA, "ada.interval = 3", *APA))
    scalars, whole = trained(case, range(4))
    _, before = trained(case, range(2))
    gan, after = made(case)
    for name, variable in after.variables().items():
        variable.assign(before.variables()[name])
    resumed, _ = trained(case, [2, 3], state=after, gan=gan)
    assert resumed == scalars
    for name, variable in whole.variables().items():
        np.testing.assert_array_equal(after.variables()[name], variable, err_msg=name)


def on_two_replicas(case):
    strategy, _ = get_strategy()
    assert strategy.num_replicas_in_sync == 2
    with strategy.scope():
        gan, state = made(case, 2)
    step = TrainStep(gan, state)

    @tf.function(autograph=False)
    def run(batch):
        number = tf.convert_to_tensor(state.step)
        scalars = strategy.run(lambda b: step((b,), number, StepRandom(3, number)), args=(batch,))
        state.count_step()
        return scalars

    def half(value):
        size = value.shape[0] // 2
        return strategy.experimental_distribute_values_from_function(
            lambda context: value[context.replica_id_in_sync_group * size :][:size]
        )

    for number in range(2):
        scalars = run({name: half(value) for name, value in case.batch(number).items()})
    means = {
        tag: float(np.mean([float(v) for v in strategy.experimental_local_results(value)]))
        for tag, value in scalars.items()
    }
    for variable in state.variables().values():
        first, second = strategy.experimental_local_results(variable)
        np.testing.assert_array_equal(first, second, err_msg=variable.name)
    return means, state


@pytest.mark.parametrize("other", ["replicas", "parts"])
def test_replicas_and_parts_see_what_one_device_sees(other, unoptimized):
    case = Gan("ModularGAN", (*IN_PARTS, "loss.fn = @hinge", *ADA, "ada.operations = 'blit,color,cutout'", *APA))
    expected, whole = trained(case)
    if other == "replicas":
        actual, state = on_two_replicas(case)
    else:
        actual, state = trained(case, make_step=lambda gan, state: AccumulatedStep(gan, state, 4))
    assert actual == pytest.approx(expected, rel=1e-3, abs=1e-5)
    for name, variable in whole.variables().items():
        value = np.asarray(state.variables()[name])
        scale = max(1e-2, np.abs(variable.numpy()).max())
        tolerance = 0 if name.startswith(("ada/", "apa/")) else 1e-3 * scale
        np.testing.assert_allclose(value, variable.numpy(), rtol=0, atol=tolerance, err_msg=name)


def test_mixed_precision():
    case = Gan("S3GAN", (*S3GAN, *ADA))
    gan = case.spec(dtype="mixed_bfloat16").make()
    state = TrainState(gan)
    scalars, _ = trained(case, [0], state=state, gan=gan)
    assert all(np.isfinite(value) for value in scalars.values())
    batch = gan.prepare(case.batch())
    seen, fakes = gan.sees(batch, gan.generate(batch), Moment.of(StepRandom(3, 0), 0).uniform)
    assert seen.images.dtype == fakes.dtype == tf.float32  # whatever the networks compute in


def test_xla_compiles_the_step():
    case = Gan("S3GAN", (*S3GAN, *ADA, *APA))
    gan, state = made(case)
    step = TrainStep(gan, state)
    run = tf.function(
        lambda batch: step((batch,), tf.constant(0, tf.int64), StepRandom(3, 0)), jit_compile=True, autograph=False
    )
    compiled = {tag: float(value) for tag, value in run(case.batch()).items()}
    assert compiled == pytest.approx(trained(case, [0])[0], rel=1e-3, abs=1e-4)


def test_a_pseudo_real_image_has_the_label_of_its_fake_and_none_for_the_predictor():
    case = Gan("S3GAN", (*S3GAN, "ModularGAN.pseudo_augmentation = @apa()", "apa.p = 0.5"))
    gan, _ = made(case)
    batch = gan.prepare(case.batch())
    fakes = tf.zeros_like(batch.images)
    seen, unchanged = gan.sees(batch, fakes, Moment.of(StepRandom(3, 0), 0).uniform)
    taken = np.all(seen.images == 0, (1, 2, 3))
    assert 0 < taken.sum() < 8 and unchanged is fakes
    np.testing.assert_array_equal(seen.labels, np.where(taken[:, None], batch.sampled_labels, batch.labels))
    np.testing.assert_array_equal(seen.known_labels, np.where(taken[:, None], 0, batch.labels))
    before, _ = gan.discriminator_loss(seen, fakes, None)
    _, scalars = gan.discriminator_loss(seen._replace(known_labels=tf.zeros([8, 3])), fakes, None)
    assert scalars["loss/class_loss_real"] == 0 and np.isfinite(before)


def plain_images(gan, case, views):
    """(images of the discriminator's call in its update, the batch before and after augmentation)."""
    gan.sees = SeenImages(DiffAugment(**views))
    batch = gan.prepare(case.batch())
    seen = judged_by(gan)
    augmented, fakes = gan.sees(batch, tf.zeros_like(batch.images), Moment.of(StepRandom(3, 0), 0).uniform)
    gan.discriminator_loss(augmented, fakes, None)
    return seen[0].numpy(), batch.images.numpy(), augmented.images.numpy()


@pytest.mark.parametrize("rotations", ["augmented", "plain"])
@pytest.mark.parametrize("predictor", ["augmented", "plain"])
def test_heads_see_plain_or_augmented_images(rotations, predictor):
    case = Gan("S3GAN", S3GAN)
    gan, _ = made(case)
    called, plain, augmented = plain_images(gan, case, {"rotations": rotations, "predictor": predictor})
    np.testing.assert_array_equal(called[:8], augmented)
    turned = plain if rotations == "plain" else augmented
    turned = np.concatenate([np.rot90(turned[-1:], turns, axes=(1, 2)) for turns in range(4)])
    real = {
        ("augmented", "augmented"): [augmented, turned[1:]],
        ("plain", "augmented"): [augmented, turned],
        ("augmented", "plain"): [augmented, turned[1:], plain],
        ("plain", "plain"): [augmented, plain, turned[1:]],
    }[rotations, predictor]
    count = sum(map(len, real))
    np.testing.assert_array_equal(called[:count], np.concatenate(real))
    assert len(called) == count + 8 + (4 if rotations == "plain" else 3)  # fakes have their labels


def test_ssgan_rotates_plain_images():
    case = Gan("SSGAN", ("SSGAN.rotated_batch_size = 8",), num_classes=None)
    gan, _ = made(case)
    called, plain, augmented = plain_images(gan, case, {"rotations": "plain"})
    turned = np.concatenate([np.rot90(plain[-2:], turns, axes=(1, 2)) for turns in range(4)])
    np.testing.assert_array_equal(called[:16], np.concatenate([augmented, turned]))


@pytest.mark.parametrize(
    "gan_class, bindings, message",
    [
        (
            "ModularGAN",
            (*ADA, "loss.fn = @wasserstein"),
            "@ada adapts .*@hinge.*, got loss.fn = @wasserstein; ",
        ),
        (
            "ModularGAN",
            (*APA, "loss.fn = @wasserstein"),
            "pseudo_augmentation: @apa .* bind apa.target = None",
        ),
        (
            "SSGAN",
            (*ADA, "SSGAN.rotated_batch_size = 8", "SSGAN.self_supervision = 'rotation_only'"),
            "got no adversarial loss",
        ),
        ("ModularGAN", (*ADA, "ada.operations = 'blt'"), "ada.operations: expected some of blit"),
        ("ModularGAN", (*ADA, "ada.operations = 'filter'"), "at least 22x22 pixels .*, these are 8x8"),
        ("ModularGAN", (*DIFFAUGMENT, "diffaugment.policy = 'colors'"), "diffaugment.policy: expected some of color"),
        ("ModularGAN", (*ADA, "ada.p = 1.5"), "ada.p: expected a number from 0 to 1, got 1.5"),
        ("ModularGAN", ("ModularGAN.augmentation = @apa()",), r"expected @ada\(\), @diffaugment\(\), .*, got @apa\(\)"),
        ("ModularGAN", ("ModularGAN.augmentation = @ada",), r"augmentation: expected @ada\(\), .* or None, got @ada "),
        ("ModularGAN", ("ModularGAN.augmentation = 'ada'",), r"augmentation: expected @ada\(\), .*, got 'ada'"),
    ],
)
def test_what_cannot_be_made(gan_class, bindings, message):
    with pytest.raises(ConfigError, match=message) as caught:
        Gan(gan_class, bindings).make()
    assert "\n" not in str(caught.value)


def test_with_a_fixed_probability_any_loss_will_do():
    case = Gan("ModularGAN", (*ADA, "ada.target = None", "loss.fn = @wasserstein"), num_classes=None)
    scalars, state = trained(case)
    assert scalars["augmentation/ada_p"] == 0.5 and "ada/p" not in state.variables()


def test_losses_of_a_user_say_whether_signs_count():
    class Own(Wasserstein):
        judges_by_sign = True

    SeenImages(Ada()).check((32, 32, 3), Own)
    SeenImages(Ada()).check((32, 32, 3), type("Derived", (Hinge,), {}))
    with pytest.raises(ConfigError, match="got loss.fn = @Other"):
        SeenImages(None, Apa()).check((32, 32, 3), type("Other", (Wasserstein,), {}))


def test_a_loss_of_a_user_that_reports_no_signs_is_named():
    sees = SeenImages(Ada())
    sees.build()
    with pytest.raises(ConfigError, match=r"expected augmentation/real_sign .*, got loss/d_0; add self.sees.scalars"):
        sees.adapt({"loss/d_0": 1.0}, 8)
