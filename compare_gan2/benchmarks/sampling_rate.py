"""Images per second of a generator alone, beside those of pytorch-pretrained-biggan on the same machine."""

import pathlib
import statistics
import subprocess
import time

import tensorflow as tf

from compare_gan2.architectures import built, resnet_biggan_deep
from compare_gan2.config.configuration import parse
from compare_gan2.gans.make_gan import network_options
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.accumulators import accumulating
from compare_gan2.layers.weighted import folding

BIGGAN_DEEP = (
    "G.batch_norm_fn = @conditional_batch_norm",
    "G.spectral_norm = True",
    "spectral_norm.singular_value = 'auto'",
    "standardize_batch.use_moving_averages = False",
    "standardize_batch.epsilon = 1e-4",
    "weights.initializer = 'orthogonal'",
)
Z_DIM, NUM_CLASSES, SIDE = 128, 1000, 128


def measure(batch, rounds, torch_python=None):
    """{name: {"images_per_second", "seconds"}} of our BigGAN-deep 128 and of theirs, interleaved.

    Ours generates as `Sampler` does: kernels folded, standing statistics, one traced function of static shapes.

    Args:
        batch: images at a time.
        rounds: measurements of each.
        torch_python: interpreter that has the other package; None: ours alone.

    Raises:
        ConfigError: if that interpreter cannot run it.
    """
    generators = {"ours": _ours(batch)}
    if torch_python:
        generators["pytorch-pretrained-biggan"] = Theirs(torch_python, batch)
    seconds = {name: [] for name in generators}
    for _ in range(rounds):
        for name, run in generators.items():
            seconds[name].append(run())
    return {
        name: {"images_per_second": batch / statistics.median(values), "seconds": values, "batch": batch}
        for name, values in seconds.items()
    }


def _ours(batch):
    """Function that generates a batch and returns the seconds it took; warmed up."""
    options = network_options(parse([], BIGGAN_DEEP), resnet_biggan_deep.Generator, image_shape=(SIDE, SIDE, 3))
    network = built(resnet_biggan_deep.Generator, options, Z_DIM, NUM_CLASSES)
    latents = tf.random.stateless_normal([batch, Z_DIM], [0, 0])
    labels = tf.one_hot(tf.range(batch), NUM_CLASSES)
    with folding(network):
        pass
    with accumulating(network):
        network(latents, labels, training=False)
    generate = tf.function(lambda: network(latents, labels, training=False))
    generate()

    def run():
        started = time.perf_counter()
        generate().numpy()
        return time.perf_counter() - started

    return run


class Theirs:
    """The other package in a process of its own, asked for one batch at a time."""

    def __init__(self, python, batch):
        self.batch = batch
        script = pathlib.Path(__file__).with_name("torch_biggan.py")
        try:
            self._process = subprocess.Popen(
                [python, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        except OSError as error:
            raise ConfigError(f"--torch_python: {python} cannot be run: {error.strerror}") from error
        self()

    def __call__(self):
        try:
            self._process.stdin.write(f"{self.batch}\n")
            self._process.stdin.flush()
            return float(self._process.stdout.readline().split()[0])
        except (OSError, IndexError) as error:
            reason = self._process.stderr.read().strip().splitlines()
            raise ConfigError(
                "--torch_python: expected an interpreter with torch and pytorch-pretrained-biggan, got "
                f"{self._process.args[0]} ({reason[-1] if reason else 'it ended'})"
            ) from error
