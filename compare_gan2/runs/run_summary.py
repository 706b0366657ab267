"""What a run will train and what it will cost, in a few lines before the first step."""

from compare_gan2.distribution.bfloat16_units import bfloat16_units
from compare_gan2.distribution.device_memory import gpu_memory, host_memory, process_memory
from compare_gan2.ground.disks import free_bytes, readable_size
from compare_gan2.ground.messages import log
from compare_gan2.ground.progress import duration
from compare_gan2.run_folder import checkpoint_room

OF_KERNELS = 1.5  # memory of a step by the tensors of its graph; on CPUs 1.5 (512 images) to 2.2 (32) were measured
NOT_COUNTED = "checkpoints, pictures and scores not counted"


class RunSummary:
    """The lines, as a `meter` of `loop.train`; those about memory and time come once they are known.

    Args:
        run: `Run`.
        say: function (text) that shows a line.
    """

    def __init__(self, run, say=log.info):
        self._run = run
        self._say = say
        self._first_step = run.files.last_step

    def show(self):
        """Shows what is known before the step is traced: networks, precision, batch, disk."""
        for line in (self._networks(), *self._precision(), self._batch(), self._disk()):
            self._say(line)

    def traced(self, step_bytes):
        """Shows the memory of training, given the bytes of a step's tensors on all devices of this process."""
        devices = self._run.devices
        local, step_bytes = devices.num_local, OF_KERNELS * step_bytes
        if devices.kind == "TPU":
            return
        if devices.kind == "GPU":
            whose, parts, available = "of each GPU", {"weights and optimizers": self._state_bytes}, gpu_memory()
            parts["a step"] = step_bytes / local
        else:
            whose, parts, available = "of this process", {"so far": process_memory() or 0}, host_memory()
            parts["a step"] = step_bytes
        needed = sum(parts.values())
        listed = ", ".join(f"{name} {readable_size(size)}" for name, size in parts.items())
        there = "how much there is, is not known" if available is None else f"there are {readable_size(available)}"
        self._say(f"memory {whose}: about {readable_size(needed)} ({listed}); {there}")
        if available is not None and needed > available:
            advice = self._batch_that_fits(parts, available)
            log.warning(
                f"memory: training probably needs more than there is; {advice}, or bind "
                "run_config.accumulate_steps = 2 (or more) or run_config.remat = True"
            )

    def timed(self, seconds, taken):
        """Shows the time to the last step, given seconds per step after `taken` steps."""
        total = self._run.settings.options.training_steps
        left = max(total - self._first_step - taken, 0)
        pace = f"{seconds:.3g} s per step" if seconds >= 0.1 else f"{1 / seconds:.3g} steps/s"
        self._say(f"time: {pace}, {duration(seconds * left)} to step {total} ({NOT_COUNTED})")

    def _batch_that_fits(self, parts, available):
        """Advice on `options.batch_size`, given the {name: bytes} of what training needs."""
        settings, replicas = self._run.settings, self._run.devices.num_replicas
        batch, multiple = settings.options.batch_size, replicas * settings.run.accumulate_steps
        # All of a step is taken to grow with its batch; a part does not, so that somewhat more fits.
        room = available - sum(parts.values()) + parts["a step"]
        fitting = int(batch * room / parts["a step"]) // multiple * multiple
        if fitting < multiple:
            return "no options.batch_size fits beside what is in memory already: choose smaller networks"
        return f"options.batch_size = {fitting} is the largest that fits, by this estimate"

    @property
    def _state_bytes(self):
        return checkpoint_room.bytes_of(self._run.model.state)

    def _networks(self):
        gan, options = self._run.model.gan, self._run.settings.options
        parts = {"generator": [gan.generator], "discriminator": [gan.discriminator], "its heads": gan.heads}
        counted = [f"{name} {_parameters(networks):,}" for name, networks in parts.items() if networks]
        counted[0] += " parameters"
        averages = f"; averages of the generator's weights from step {gan.ema_start_step}" if gan.g_use_ema else ""
        return f"networks: {options.architecture}; {', '.join(counted)}{averages}"

    def _precision(self):
        """A line if the processor and `run_config.mixed_precision` do not fit."""
        precision, devices = self._run.settings.run.mixed_precision, self._run.devices
        units = bfloat16_units() if devices.kind == "CPU" else None
        if units and precision == "float32":
            yield (
                f"precision: float32; this processor has units for bfloat16 ({units}): try "
                'run_config.mixed_precision = "mixed_bfloat16", see docs/performance.md'
            )
        elif units == "" and precision != "float32":
            log.warning(
                "run_config.mixed_precision: this processor has no units for bfloat16: 'mixed_bfloat16' is slower than "
                "'float32' here"
            )

    def _batch(self):
        settings, gan = self._run.settings, self._run.model.gan
        options, replicas = settings.options, self._run.devices.num_replicas
        shared = "" if replicas == 1 else f", {options.batch_size // replicas} on each of {replicas} devices"
        if settings.run.accumulate_steps > 1:
            shared += f", in {settings.run.accumulate_steps} parts"
        updates = "1 update" if gan.disc_iters == 1 else f"{gan.disc_iters} updates"
        line = f"batch: {options.batch_size} images{shared}; {updates} of the discriminator per step"
        steps = options.training_steps - self._first_step
        images = steps * options.batch_size * gan.batches_per_step
        epochs = images / max(self._run.data.dataset.num_train, 1)
        return f"{line}; {steps} step{'s' * (steps != 1)} to step {options.training_steps}, {epochs:.3g} epochs"

    def _disk(self):
        settings, path = self._run.settings, self._run.files.path
        each, more = checkpoint_room.to_come(path, self._run.model.state, settings.options.training_steps, settings.run)
        kept = f"{more} more checkpoint{'s' * (more != 1)} at a time, {readable_size(each)} each"
        return f"disk: at most {kept}, {readable_size(more * each)} in all; {readable_size(free_bytes(path))} free"


def _parameters(networks):
    return sum(variable.shape.num_elements() for network in networks for variable in network.trainable_variables)
