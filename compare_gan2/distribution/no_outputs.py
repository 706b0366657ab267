"""No-op outputs for workers other than the chief, which alone saves, logs and draws."""


class NoOutputs:
    """No-op replacement for `Checkpoints`, `TrainingLog`, `EventWriter` and `Progress` in a training loop."""

    def save(self, extra=False):
        pass

    def append(self, first_step, scalars):
        pass

    def scalars(self, step, values):
        pass

    def flush(self):
        pass

    def update(self, step, values):
        pass
