"""A generator step that cuts the batch in parts and averages their gradients; shares no code with `TrainStep`."""

import tensorflow as tf

from compare_gan2.gans.batch import Batch
from compare_gan2.training.step import Moment, StepRandom


class PartsOnOneDevice:
    """What as many replicas as parts are to compute, on one device.

    The generator sees the whole batch, so that its batch norm has the moments of all parts; the discriminator, without
    batch norm, sees one part at a time.

    Args:
        gan: a `ModularGAN`, its `check_batch` called with `parts`.
        state: its `TrainState`.
        parts: number of parts.
        seed: of the penalties' noise.
    """

    def __init__(self, gan, state, parts=2, seed=3):
        assert not gan.discriminator.has_batch_norm
        self.gan, self.state, self.parts, self.seed = gan, state, parts, seed

    def step(self, batches, count=True):
        """One generator step on batches of the input pipeline, counted or not; {tag: mean loss over the parts}."""
        gan, losses = self.gan, {}
        random = StepRandom(self.seed, self.state.step)
        batches = [gan.prepare(batch) for batch in batches]
        for i, batch in enumerate(batches[:-1] if gan.unrolled else batches):
            with tf.GradientTape(persistent=True) as tape:
                fakes = gan.generate(batch)
            losses[f"loss/d_{i}"] = self.update_discriminator(batch, fakes, random, i)
        if gan.unrolled or not gan.shares_fakes:
            batch = batches[-1]
            with tf.GradientTape(persistent=True) as tape:
                fakes = gan.generate(batch)
        with tape:
            parts = self.each_part(
                lambda part, part_fakes, number: gan.generator_loss(
                    part._replace(moment=self.moment_of(number, random, "g")), part_fakes
                )[0],
                batch,
                fakes,
            )
            loss = sum(parts) / self.parts
        variables = gan.generator.trainable_variables
        gradients = tape.gradient(loss, [v.value for v in variables], unconnected_gradients="zero")
        self.state.g_optimizer.apply(gradients, variables)
        if self.state.ema is not None:
            self.state.ema.update(self.state.step)
        if count:
            self.state.count_step()
        return {**losses, "loss/g": loss}

    def update_discriminator(self, batch, fakes, random, index):
        variables = self.gan.discriminator_variables

        def loss_and_gradients(part, part_fakes, number):
            moment = self.moment_of(number, random, index)
            with tf.GradientTape() as tape:
                part = part._replace(moment=moment)
                loss, _ = self.gan.discriminator_loss(part, tf.stop_gradient(part_fakes), moment.uniform)
            return loss, tape.gradient(loss, [v.value for v in variables], unconnected_gradients="zero")

        losses, gradients = zip(*self.each_part(loss_and_gradients, batch, fakes), strict=True)
        means = [sum(values) / self.parts for values in zip(*gradients, strict=True)]
        self.state.d_optimizer.apply(means, variables)
        return sum(losses) / self.parts

    def moment_of(self, number, random, update):
        def uniform(shape, purpose):
            whole = random.uniform([self.parts * shape[0], *shape[1:]], f"{purpose}/{update}")
            return whole[number * shape[0] :][: shape[0]]

        return Moment(self.state.step, uniform)

    def each_part(self, function, batch, fakes):
        """All calls start from the same singular vectors, as on replicas."""
        networks = (self.gan.discriminator, *self.gan.heads)
        vectors = [v for network in networks for v in network.variables if v.name == "u_var"]
        start, results = [tf.identity(v) for v in vectors], []
        for number in range(self.parts):
            for variable, value in zip(vectors, start, strict=True):
                variable.assign(value)
            rows = (batch.images, batch.labels, batch.latents, batch.sampled_labels)
            part = Batch(*(None if v is None else tf.split(v, self.parts)[number] for v in rows))
            results.append(function(part, tf.split(fakes, self.parts)[number], number))
        return results
