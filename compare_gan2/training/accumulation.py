"""Gradient accumulation: a batch is processed in parts whose gradients are averaged, so that it needs less memory.

A step equals that of as many replicas, each with one part as its batch, except that batch norm uses the moments of a
part. Without batch norm it therefore equals the step of the whole batch in every loss that is a mean over examples;
terms that a replica takes over its own examples (rotations, the mean over labelled ones) are means over the parts.
Spectral norm does one power iteration per network call, as for the whole batch. Moving averages of batch norm, where
kept, are updated by each part in turn.
"""

import tensorflow as tf

from compare_gan2.distribution.cross_replica import num_replicas
from compare_gan2.training.step import TrainStep, after, block_of_rows


class AccumulatedStep(TrainStep):
    """`TrainStep` that computes the gradients of a replica's batch in parts.

    Args:
        gan: `ModularGAN` whose `check_batch` has accepted this number of parts.
        state: `TrainState`.
        parts: number of parts that a replica's batch is cut into.
    """

    def __init__(self, gan, state, parts):
        super().__init__(gan, state)
        self.parts = parts

    def executed_step(self, batch, step, random, index, train_generator):
        start = [tf.identity(v) for v in _singular_vectors([self.gan.generator])]
        scalars = self._train_discriminator(batch, random, index)
        if not train_generator:
            return scalars
        if self.gan.shares_fakes:  # generated again, not kept: the same singular vectors give the same fakes
            _assign(_singular_vectors([self.gan.generator]), start)
        with after(scalars):
            return scalars | self._train_generator(batch, step, random)

    def _unrolled(self, batches, step, random):
        *for_discriminator, for_generator = batches
        scalars = {}
        for i, batch in enumerate(for_discriminator):
            with after(scalars):
                scalars |= self._train_discriminator(batch, random, i)
        with after(scalars):
            return scalars | self._train_generator(for_generator, step, random)

    def _train_discriminator(self, batch, random, index):
        def gradients_of(part, number):
            draws = RandomOfPart(random, self.parts, number)
            return self.discriminator_gradients(part, self.fakes_of_discriminator(part), draws, index)

        gradients, scalars = self._accumulated(batch, gradients_of)
        self.state.d_optimizer.apply(gradients, self.gan.discriminator_variables)
        self.gan.sees.adapt(scalars, self.gan.batch_size, random.step)
        return scalars

    def _train_generator(self, batch, step, random):
        def gradients_of(part, number):
            part, fake_images, tape, cost = self.fakes_of_generator(part)
            draws = RandomOfPart(random, self.parts, number)
            return self.generator_gradients(part, fake_images, tape, draws, cost)

        gradients, scalars = self._accumulated(batch, gradients_of)
        self.apply_to_generator(gradients, step)
        return scalars

    def _accumulated(self, batch, gradients_of):
        """(gradients, scalars): means of `gradients_of(part, number)` over parts, from the same singular vectors."""
        vectors = _singular_vectors([self.gan.generator, self.gan.discriminator, *self.gan.heads])
        start = [tf.identity(v) for v in vectors]

        def sums_of(number):
            _assign(vectors, start)
            part = type(batch)(*(self._part(rows, number) for rows in batch))
            if batch.draws is not None:
                part = part._replace(draws=draws_of_part(batch.draws, self.parts, number))
            gradients, scalars = gradients_of(part, number)
            return gradients, dict(sorted(scalars.items()))

        def add(number, sums):
            return number + 1, tf.nest.map_structure(tf.add, sums, sums_of(number))

        sums = sums_of(0)
        if num_replicas() == 1:  # a graph loop, whose size does not depend on the number of parts
            _, sums = tf.while_loop(lambda number, _: number < self.parts, add, (1, sums), parallel_iterations=1)
        else:  # cross-replica moments cannot be exchanged inside a graph loop
            for number in range(1, self.parts):
                # The next part waits for the gradients of this one: side by side they would need the memory of both.
                with tf.control_dependencies(sums[0]):
                    _, sums = add(number, sums)
        return tf.nest.map_structure(lambda total: total / self.parts, sums)

    def _part(self, rows, number):
        return block_of_rows(rows, number, rows.shape[0] // self.parts) if tf.is_tensor(rows) else rows


class RandomOfPart:
    """Draws for one part of a replica's batch, with the interface of `StepRandom`.

    Args:
        random: `StepRandom` of the step.
        parts: number of parts of the batch.
        number: of this part, from 0; a whole number or a scalar tensor.
    """

    def __init__(self, random, parts, number):
        self.random, self.parts, self.number = random, parts, number
        self.step = random.step

    def uniform(self, shape, purpose):
        """float32 draws from [0, 1) of a shape [rows of the part, ...]: the part's rows of the draws for the batch."""
        return draws_of_part(self.random.uniform, self.parts, self.number)(shape, purpose)


def draws_of_part(uniform, parts, number):
    """Function (shape, purpose) -> the rows, of what `uniform` draws for the batch, of one of its parts."""
    return lambda shape, purpose: block_of_rows(uniform([parts * shape[0], *shape[1:]], purpose), number, shape[0])


def _singular_vectors(networks):
    return [v for network in networks for v in network.variables if v.name == "u_var"]


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
