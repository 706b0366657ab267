"""Two logical CPU devices before TensorFlow starts, a cache of the tests' own, no bindings left over, and seeds."""

import os

# oneDNN's allocator gives nothing back: a worker of the tests would grow to 9 GB. Set before TensorFlow starts.
os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")

import keras  # noqa: E402
import pytest  # noqa: E402
import tensorflow as tf  # noqa: E402

from compare_gan2 import configuration  # noqa: E402

_CPU = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(_CPU, [tf.config.LogicalDeviceConfiguration()] * 2)


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("COMPARE_GAN2_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def fresh():
    configuration.parse([], [])
    keras.utils.set_random_seed(0)
