"""Measures what training takes, from one checkpoint to the next."""

import contextlib
import time

import tensorflow as tf

from compare_gan2.benchmarks.peak_memory import peak_memory
from compare_gan2.training.watchdog import RollBack


class CostMeter:
    """Writes a line to the `CostLog` of a run at each checkpoint. Make it when training starts.

    Args:
        log: `CostLog`.
        step: from which this session trains.
        images_per_step: images that one step processes, on all devices.
        save_every: steps between checkpoints.
        devices: text that describes the devices.
        clock: function that returns seconds, replaced in tests.
    """

    def __init__(self, log, step, images_per_step, save_every, devices, clock=time.monotonic):
        self._log = log
        self._step = step
        self._images_per_step = images_per_step
        self._save_every = save_every
        self._devices = devices
        self._clock = clock
        self._session = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._since = clock()
        log.start()

    @contextlib.contextmanager
    def stopped_at(self, step):
        """Context manager around what is done at a checkpoint: the steps before it are recorded, its time is not."""
        # After a roll back the steps since an earlier checkpoint are trained again.
        first = self._step if self._step < step else (step - 1) // self._save_every * self._save_every
        if step and self._since is not None:
            self._log.append(
                session=self._session,
                first_step=first,
                step=step,
                seconds=round(self._clock() - self._since, 3),
                images=(step - first) * self._images_per_step,
                host_memory=peak_memory(),
                device_memory=_peak_of_devices(),
                devices=self._devices,
            )
        self._step, self._since = step, None  # so that trying again after a full disk records nothing twice
        try:
            yield
        except RollBack:
            self._since = self._clock()
            raise
        self._since = self._clock()


def _peak_of_devices():
    """Most bytes that were in use on the fullest GPU; None without one, or if it does not count them."""
    names = [device.name.removeprefix("/physical_device:") for device in tf.config.list_physical_devices("GPU")]
    try:
        return max((tf.config.experimental.get_memory_info(name)["peak"] for name in names), default=None)
    except ValueError:  # an allocator that does not count
        return None
