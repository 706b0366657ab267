"""Which weights a model has, for titles, messages and the record of an export."""


def weights_in_words(model):
    """Text such as "averaged weights"; empty for a `Model` of saved networks that do not say.

    Until the averaging of a run starts, its averaged weights are those of the last update, and the text says so.
    """
    if model.weights == "ema" and weights_in_fact(model) == "raw":
        return f"raw weights, as averaging starts at step {model.sampler.gan.ema_start_step}"
    return {"ema": "averaged weights", "raw": "raw weights"}.get(model.weights, "")


def weights_in_fact(model):
    """`model.weights`, but "raw" for averaged weights of a run whose averaging has not started."""
    start = getattr(model.sampler.gan, "ema_start_step", None)
    before = start is not None and model.step is not None and model.step <= start
    return "raw" if model.weights == "ema" and before else model.weights
