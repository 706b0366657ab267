"""What a worker that is not the chief trains with: all that people and disks need is the chief's work."""


class Silent:
    """Takes the place of `Checkpoints`, `TrainingLog`, `EventWriter` and `Progress` in `loop.train`; does nothing."""

    def save(self):
        pass

    def append(self, first_step, scalars):
        pass

    def scalars(self, step, values):
        pass

    def flush(self):
        pass

    def update(self, step, values):
        pass

    def on_checkpoint(self, step, events, progress):
        pass
