"""Schedules of pre-training that are longer than it."""

from compare_gan2.config.unreached import unreached

_STEPS = "pretrain.training_steps"


def unreached_steps(record):
    """Yields a line for each schedule that does not come to its end; none without pre-training.

    Args:
        record: {`selector.parameter`: gin text} of what was built.
    """
    at_the_end = {
        "pretrain.warmup_steps": "the rate stays below pretrain.learning_rate",
        ".rampup_steps": "the weight never has its full value",
        ".temperature_steps": "the teacher's temperature never has its last value",
    }
    yield from unreached(record, _STEPS, at_the_end, from_the_end=False)
    if record.get("pretrain.schedule") == "'steps'":
        yield from unreached(record, _STEPS, {"pretrain.decay_steps": "the rate is not lowered there"})
