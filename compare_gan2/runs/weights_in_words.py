"""Which weights a model has, for titles and messages."""

WORDS = {"ema": "averaged weights", "raw": "raw weights"}  # of what the protocol of a score has


def weights_in_words(model):
    """Text such as "averaged weights"; empty for a `Model` of saved networks that do not say.

    Until the averaging of a run starts, averaged weights and raw ones are equal, and the text says so.
    """
    text = WORDS.get(model.weights, "")
    start = getattr(model.sampler.gan, "ema_start_step", None)
    if model.weights == "ema" and start is not None and model.step is not None and model.step <= start:
        return f"{text}, equal to the raw ones until step {start}"
    return text
