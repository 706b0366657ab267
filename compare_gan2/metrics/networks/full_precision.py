"""Feature networks compute in float32: scores must not depend on the precision of the GAN's training."""

import contextlib

import keras


@contextlib.contextmanager
def full_precision():
    """Context manager: layers of Keras that are made in it compute in float32, whatever the policy of the process."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
