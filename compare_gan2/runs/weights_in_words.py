"""Which weights a model has, for titles and messages."""


def weights_in_words(model):
    """Text such as "averaged weights"; empty for a `Model` of saved networks that do not say.

    Until the averaging of a run starts, its averaged weights are those of the last update, and the text says so.
    """
    start = getattr(model.sampler.gan, "ema_start_step", None)
    if model.weights == "ema" and start is not None and model.step is not None and model.step <= start:
        return f"raw weights, as averaging starts at step {start}"
    return {"ema": "averaged weights", "raw": "raw weights"}.get(model.weights, "")
