"""One generator step: its discriminator updates, the generator update and the moving average, on every replica.

Order of the original (not unrolled): each of `disc_iters` batches updates the discriminator; the last one's fakes then
update the generator. Unrolled (on TPU, or `experimental_force_graph_unroll`): `disc_iters` batches update the
discriminator and one more batch the generator. The generator update uses the updated discriminator; recorded losses are
those before each update.
"""

import dataclasses
import zlib
from collections.abc import Callable

import tensorflow as tf

from compare_gan2.distribution.cross_replica import num_replicas


class StepRandom:
    """Uniform draws of one generator step, each a function of (seed, step, purpose, index in the global batch).

    Args:
        seed: int, seed of the run.
        step: scalar int64, the generator step.

    Example:
        >>> StepRandom(seed=0, step=7).uniform([64, 1, 1, 1], "penalty").shape
        TensorShape([64, 1, 1, 1])
    """

    def __init__(self, seed, step):
        self.step = step
        self.seed = tf.stack([tf.constant(seed, tf.int64), tf.cast(step, tf.int64)])

    def uniform(self, shape, purpose):
        """float32 draws from [0, 1) for this replica's part of the global batch; the same bits with and without XLA.

        Args:
            shape: [rows of this replica, ...].
            purpose: text that keeps draws for different uses apart.
        """
        replicas = num_replicas()
        seed = tf.random.experimental.stateless_fold_in(self.seed, zlib.crc32(purpose.encode()) & 0x7FFFFFFF)
        # Integers, because float draws differ between plain TensorFlow and XLA.
        bits = tf.random.stateless_uniform([replicas * shape[0], *shape[1:]], seed, 0, 1 << 23, tf.int32, alg="philox")
        if replicas > 1:
            bits = block_of_rows(bits, tf.distribute.get_replica_context().replica_id_in_sync_group, shape[0])
        return (tf.cast(bits, tf.float32) + 0.5) * 2.0**-23


def _no_draws(shape, purpose):
    raise ValueError(f"this loss draws at random ({purpose}): give its batch a moment, Moment(step, uniform)")


@dataclasses.dataclass(frozen=True, eq=False)
class Moment:
    """When an update takes place, and its random draws; what losses of a `Batch` may depend on beside its rows.

    Attributes:
        step: scalar int64, the generator step before the update; 0 outside of training.
        uniform: function (shape, purpose) -> draws from [0, 1), as of `StepRandom`, of this update alone; by default
            what raises a ValueError.
    """

    step: tf.Tensor | int = 0
    uniform: Callable = _no_draws

    @classmethod
    def of(cls, random, update):
        """The moment of an update, such as "0" for the discriminator's first and "g" for the generator's."""
        return cls(random.step, draws_of(random, update))


def draws_of(random, update):
    """Function (shape, purpose) -> draws from [0, 1) of a `StepRandom` for one update, such as "0" or "g", alone."""
    return lambda shape, purpose: random.uniform(shape, f"{purpose}/{update}")


def block_of_rows(values, number, count):
    """Rows number * count to (number + 1) * count of a tensor; their shape is static for any scalar `number`."""
    first = tf.cast(number, tf.int32) * count
    return tf.slice(values, [first, *[0] * (values.shape.rank - 1)], [count, *values.shape[1:]])


def after(scalars):
    """Context manager: what is computed in it waits for the update that returned these {tag: scalar}.

    Without it a graph prepares the next network pass, kernels first, while the update before still holds its own.
    """
    return tf.control_dependencies(list(scalars.values()))


class TrainStep:
    """One generator step with its discriminator updates; call it on each replica.

    Args:
        gan: `ModularGAN` whose networks have variables.
        state: its `TrainState`, with optimizers and moving average.

    Example:
        >>> train_step = TrainStep(gan, state)
        >>> scalars = train_step((batch,), state.step, StepRandom(0, state.step))  # {"loss/d_0": ..., "loss/g": ...}
        >>> state.count_step()
    """

    def __init__(self, gan, state):
        self.gan = gan
        self.state = state

    def __call__(self, batches, step, random):
        """{tag: scalar} of this replica, after running the step.

        Args:
            batches: tuple of `gan.batches_per_step` dicts, as `datasets.pipeline.training_batches` yields them.
            step: scalar int64, the generator step before the update.
            random: `StepRandom` of the step.
        """
        batches = [
            self.gan.prepare(batch)._replace(draws=draws_of(random, f"fakes/{i}")) for i, batch in enumerate(batches)
        ]
        if self.gan.unrolled:
            return self._unrolled(batches, step, random)
        scalars = {}
        for i, batch in enumerate(batches):
            with after(scalars):
                scalars |= self.executed_step(batch, step, random, i, train_generator=i == len(batches) - 1)
        return scalars

    def executed_step(self, batch, step, random, index, train_generator):
        """{tag: scalar} of a discriminator update and, if `train_generator`, a generator update on the same batch."""
        if not train_generator:
            return self.update_discriminator(batch, self.fakes_of_discriminator(batch), random, index)
        if self.gan.shares_fakes:
            with tf.GradientTape() as tape:
                fake_images = self.gan.generate(batch)
            scalars = self.update_discriminator(batch, fake_images, random, index)
            with after(scalars):
                return scalars | self.update_generator(batch, fake_images, tape, step, random)
        scalars = self.update_discriminator(batch, self.fakes_of_discriminator(batch), random, index)
        with after(scalars):
            batch, fake_images, tape, cost = self.fakes_of_generator(batch)
            return scalars | self.update_generator(batch, fake_images, tape, step, random, cost)

    def _unrolled(self, batches, step, random):
        *for_discriminator, for_generator = batches
        if self.gan.joint_generation:
            joint = for_discriminator[0]._replace(
                latents=tf.concat([batch.latents for batch in for_discriminator], 0),
                sampled_labels=None
                if for_generator.sampled_labels is None
                else tf.concat([batch.sampled_labels for batch in for_discriminator], 0),
            )
            fakes = tf.split(self.gan.generate(joint), len(for_discriminator))
        scalars = {}
        for i, batch in enumerate(for_discriminator):
            with after(scalars):
                fake_images = fakes[i] if self.gan.joint_generation else self.fakes_of_discriminator(batch)
                scalars |= self.update_discriminator(batch, fake_images, random, i)
        with after(scalars):
            batch, fake_images, tape, cost = self.fakes_of_generator(for_generator)
            return scalars | self.update_generator(batch, fake_images, tape, step, random, cost)

    def fakes_of_discriminator(self, batch):
        """Fakes [N, H, W, C] of a discriminator update; None if its gradients flow through them, which it makes."""
        return self.gan.generate(batch) if self.gan.latent_optimization is None else None

    def fakes_of_generator(self, batch):
        """(`Batch`, fakes [N, H, W, C], tape that has recorded them, cost of their latents) of a generator update."""
        with tf.GradientTape() as tape:
            batch, cost = self.gan.optimized(batch)
            fake_images = self.gan.generate(batch)
        return batch, fake_images, tape, cost

    def update_discriminator(self, batch, fake_images, random, index):
        """{tag: scalar} of one update of the discriminator and its heads; the values are those before it."""
        gradients, scalars = self.discriminator_gradients(batch, fake_images, random, index)
        self.state.d_optimizer.apply(gradients, self.gan.discriminator_variables)
        self.gan.sees.adapt(scalars, self.gan.batch_size, random.step)
        with tf.control_dependencies(gradients):
            return {tag: tf.identity(value) for tag, value in scalars.items()}

    def discriminator_gradients(self, batch, fake_images, random, index):
        """(gradients of the discriminator's and its heads' variables, {tag: scalar}); fakes are None, or constants."""
        moment = Moment.of(random, index)
        with tf.GradientTape() as tape:
            if fake_images is None:
                batch, cost = self.gan.optimized(batch)
                fake_images = self.gan.generate(batch)
            else:
                fake_images, cost = tf.stop_gradient(fake_images), None
            batch, fake_images = self.gan.sees(batch._replace(moment=moment), fake_images, moment.uniform)
            loss, scalars = self.gan.discriminator_loss(batch, fake_images, moment.uniform)
            if cost is not None:
                loss, scalars = loss + self.gan.latent_optimization.weight * cost, scalars | {"loss/latents_d": cost}
            share = loss / num_replicas()  # optimizers add up the gradients of the replicas
        variables = [v.value for v in self.gan.discriminator_variables]
        gradients = tape.gradient(share, variables, unconnected_gradients="zero")
        return gradients, {f"loss/d_{index}": loss, **scalars}

    def update_generator(self, batch, fake_images, tape, step, random, cost=None):
        """{tag: scalar} of one update of the generator, then of its moving average; see `generator_gradients`."""
        gradients, scalars = self.generator_gradients(batch, fake_images, tape, random, cost)
        self.apply_to_generator(gradients, step)
        return scalars

    def generator_gradients(self, batch, fake_images, tape, random, cost=None):
        """(gradients of the generator's variables, {tag: scalar}); `tape` has recorded fakes and the cost."""
        batch = batch._replace(moment=Moment.of(random, "g"))
        variables = [v.value for v in self.gan.generator.trainable_variables]
        with tf.GradientTape() as image_tape:
            image_tape.watch(fake_images)
            loss, scalars = self.gan.generator_loss(*self.gan.sees(batch, fake_images, batch.moment.uniform))
            share = loss / num_replicas()
        # In two halves, so that gradients of the discriminator's weights are never computed.
        upstream, *direct = image_tape.gradient(share, [fake_images, *variables])
        recorded, slopes = [fake_images], [upstream]
        if cost is not None:
            weight = self.gan.latent_optimization.weight
            recorded, slopes = [fake_images, cost], [upstream, tf.constant(weight / num_replicas())]
            loss, scalars = loss + weight * cost, scalars | {"loss/latents_g": cost}
        gradients = tape.gradient(recorded, variables, slopes, unconnected_gradients="zero")
        # Terms of the weights themselves, such as orthogonal regularisation.
        gradients = [g if own is None else g + own for g, own in zip(gradients, direct, strict=True)]
        return gradients, {"loss/g": loss, **scalars}

    def apply_to_generator(self, gradients, step):
        """Updates the generator by these gradients, then its moving average."""
        self.state.g_optimizer.apply(gradients, self.gan.generator.trainable_variables)
        if self.state.ema is not None:
            self.state.ema.update(step)
