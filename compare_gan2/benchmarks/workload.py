"""A training step on random images, with all that surrounds it in a run, and the parts that it consists of."""

import dataclasses
import functools
import time

import numpy as np
import tensorflow as tf

from compare_gan2.benchmarks.operation_counts import counts_of
from compare_gan2.benchmarks.plain import PlainStep, plain_options
from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import Options, RunConfig
from compare_gan2.datasets.image_dataset import ImageDataset
from compare_gan2.datasets.latents import TrainingLatents
from compare_gan2.datasets.pipeline import training_batches
from compare_gan2.datasets.sources.in_memory import InMemorySource
from compare_gan2.distribution.per_replica_batches import distributed
from compare_gan2.gans.make_gan import model_spec
from compare_gan2.training.compiled_loop import compiled_steps, make_step
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, draws_of

NUM_IMAGES = 256
SEED = 0


@dataclasses.dataclass(frozen=True)
class Variant:
    """One way to run the step of a configuration.

    Attributes:
        name: what it is called in the table.
        plain: by the plain definitions.
        bindings: further gin bindings.
        gin_files: further `.gin` files, after those of the configuration.
    """

    name: str
    plain: bool = False
    bindings: tuple = ()
    gin_files: tuple = ()


class Workload:
    """Networks, optimizers and compiled step of a variant.

    Args:
        variant: `Variant`.
        gin_files: of the configuration.
        bindings: of the configuration; those of the variant come after them.
        image_shape: (height, width, channels) of the random images.
        num_classes: of their labels, or None.
        strategy: tf.distribute strategy of this process; None: one device.

    Attributes:
        record: {name: gin text} of the full configuration.
        unused: names that are bound and that the step does not read.

    Raises:
        ConfigError: for a configuration that cannot be run.
    """

    def __init__(self, variant, gin_files, bindings, image_shape, num_classes, strategy=None):
        config = parse([*gin_files, *variant.gin_files], [*bindings, *variant.bindings])
        self.variant = variant
        self.options, self.run_config = config.build(Options), config.build(RunConfig)
        self.strategy = strategy or tf.distribute.OneDeviceStrategy(tf.config.list_logical_devices()[-1].name)
        spec = model_spec(
            config,
            self.options,
            image_shape=image_shape,
            num_classes=num_classes,
            dtype=self.run_config.mixed_precision,
            **(plain_options(self.options.gan_class) if variant.plain else {}),
        )
        self.gan = spec.make()
        parts = self.run_config.accumulate_steps
        self.gan.check_batch(self.strategy.num_replicas_in_sync, parts)
        with self.strategy.scope():
            self.state = TrainState(self.gan)
        if self.run_config.remat:
            self.gan.rematerialize()
        make = PlainStep if variant.plain else functools.partial(make_step, accumulate_steps=parts)
        self.step = make(self.gan, self.state)
        self.latents = config.build(TrainingLatents)
        self.record, self.unused = config.record, config.unused
        self.images_per_step = self.options.batch_size * self.options.disc_iters
        dataset = self.random_images(image_shape, num_classes)
        self._iterator = distributed(self.strategy, lambda step, shard: self.batches_of(dataset, shard), 0)
        self._compiles = bool(self.run_config.jit_compile)
        self._run = compiled_steps(self.strategy, self.step, SEED, self._compiles)

    def random_images(self, image_shape, num_classes):
        """`ImageDataset` of random images, 9 of 10 without their label."""
        random = np.random.RandomState(SEED)
        images = random.randint(0, 256, [NUM_IMAGES, *image_shape]).astype(np.uint8)
        labels = random.randint(0, num_classes or 1, NUM_IMAGES)
        labels[np.arange(NUM_IMAGES) % 10 > 0] = -1 if self.gan.conditional and not self.gan.use_soft_labels else 0
        if self.gan.use_soft_labels:
            labels = np.eye(num_classes, dtype=np.float32)[labels]
        source = InMemorySource((images, labels), (images, labels))
        return ImageDataset("random images", tuple(image_shape), num_classes, source, labels=labels)

    def batches_of(self, dataset, shard=(0, 1)):
        """The input of training on a dataset."""
        return training_batches(
            dataset,
            batch_size=self.options.batch_size,
            sub_batches=self.gan.batches_per_step,
            seed=SEED,
            latents=self.latents,
            z_dim=self.options.z_dim,
            conditional=self.gan.conditional,
            fit_label_distribution=self.gan.fit_label_distribution,
            shard=shard,
        )

    def seconds(self, count):
        """Wall-clock seconds per step of one graph call that runs `count` of them, results fetched.

        Raises:
            FloatingPointError: if a loss is not finite, since a run would stop there.
        """
        started = time.perf_counter()
        scalars = self._run(self._iterator, count)
        elapsed = time.perf_counter() - started
        bad = [tag for tag, values in scalars.items() if not np.all(np.isfinite(values))]
        if bad:
            raise FloatingPointError(f"{self.variant.name}: {', '.join(bad)} is not finite")
        return elapsed / count

    def step_on_batch(self):
        """Function (batches) -> {tag: scalar} that runs one step, in a graph call of its own."""

        @tf.function(jit_compile=self._compiles)
        def step(batches):
            return self.step(batches, tf.convert_to_tensor(self.state.step), self._random())

        return step

    def counts(self):
        """`Counts` of one step on one replica."""
        batches = next(self._iterator)
        step = tf.convert_to_tensor(self.state.step)

        def replicated():
            return self.strategy.run(lambda parts: self.step(parts, step, self._random()), args=(batches,))

        function = tf.function(replicated, autograph=False)
        return counts_of(function.get_concrete_function(), self.strategy.num_replicas_in_sync)

    def parts(self):
        """{part: function that runs it once}: input, D, G and optimizer, each in a graph of its own.

        D: fakes, unless they are shared, and the gradients of each discriminator update. G: fakes, judgement and
        gradients of the generator update. optimizer: both optimizers and the moving average.
        """
        gan, step, state = self.gan, self.step, self.state
        draws = draws_of(self._random(), "fakes")
        batches = [gan.prepare(batch)._replace(draws=draws) for batch in next(self._iterator)]
        fake_images = gan.generate(batches[0])
        gradients = {
            "g": [tf.zeros(v.shape) for v in gan.generator.trainable_variables],
            "d": [tf.zeros(v.shape) for v in gan.discriminator_variables],
        }

        @tf.function(jit_compile=self._compiles)
        def discriminator():
            results = []
            for number in range(self.options.disc_iters):
                batch = batches[min(number, len(batches) - 1)]
                shared = gan.shares_fakes and not gan.unrolled and number == self.options.disc_iters - 1
                fakes = fake_images if shared else step.fakes_of_discriminator(batch)
                results.append(step.discriminator_gradients(batch, fakes, self._random(), number)[0])
            return results

        @tf.function(jit_compile=self._compiles)
        def generator():
            batch, fakes, tape, cost = step.fakes_of_generator(batches[-1])
            return step.generator_gradients(batch, fakes, tape, self._random(), cost)[0]

        @tf.function(jit_compile=self._compiles)
        def optimizer():
            for _ in range(self.options.disc_iters):
                state.d_optimizer.apply(gradients["d"], gan.discriminator_variables)
            step.apply_to_generator(gradients["g"], tf.convert_to_tensor(state.step))

        return {
            "input": lambda: next(self._iterator),
            "D": discriminator,
            "G": generator,
            "optimizer": optimizer,
        }

    def _random(self):
        return StepRandom(SEED, tf.convert_to_tensor(self.state.step))
