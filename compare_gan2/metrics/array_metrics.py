"""Registers functions of arrays as metrics: what they are given, and which row holds which result."""

import inspect

from compare_gan2.metrics.registry import Estimate, register

# What a function of arrays can be given, by the need that provides it.
_INPUTS = {
    "training_features": lambda samples: samples.training.features,
    "real_features": lambda samples: samples.real.features,
    "real_labels": lambda samples: samples.real.labels,
    "fake_images": lambda samples: samples.fake.images,
    "fake_features": lambda samples: samples.fake.features,
    "fake_logits": lambda samples: samples.fake.logits,
    "fake_labels": lambda samples: samples.fake.labels,
}


def result_of(function, inputs, samples, **parameters):
    """What a function of arrays returns for samples; it gets their seed and progress if it takes them."""
    taken = inspect.signature(function).parameters
    given = {name: getattr(samples, name) for name in ("seed", "progress") if name in taken}
    return function(*(_INPUTS[name](samples) for name in inputs), **given, **parameters)


def entry(name, function, inputs, *, values=None, per_image=None, also_needs=(), rows=None, **registration):
    """Registers a function of arrays.

    Args:
        name, function, rows: see `registry.register`.
        inputs: keys of `_INPUTS`, the positional arguments of the function.
        values: for each row the attribute of the result that holds it; None: the result is the value.
        per_image: function (samples, value) -> [any] numbers per image of the first row; None: there are none.
        also_needs: needs beside the inputs.
        registration: of `registry.register`.
    """

    def compute(samples, **parameters):
        result = result_of(function, inputs, samples, **parameters)
        found = [result] if values is None else [getattr(result, value) for value in values]
        if per_image is not None:
            found[0] = Estimate(found[0], per_image(samples, found[0]))
        return dict(zip(rows or [name], found, strict=True))

    register(name, function, compute, needs=(*inputs, *also_needs), rows=rows, **registration)
