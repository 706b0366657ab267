"""Which weights a model is said to have."""

import types

import pytest

from compare_gan2.runs.weights_in_words import weights_in_words


@pytest.mark.parametrize(
    "weights, step, start, text",
    [
        ("ema", 1001, 1000, "averaged weights"),
        ("ema", 1000, 1000, "averaged weights, equal to the raw ones until step 1000"),
        ("ema", 0, 0, "averaged weights, equal to the raw ones until step 0"),
        ("ema", 5, None, "averaged weights"),
        ("ema", None, 1000, "averaged weights"),
        ("raw", 5, 1000, "raw weights"),
        ("unknown", None, None, ""),
    ],
)
def test_weights_are_called_as_scores_call_them(weights, step, start, text):
    gan = types.SimpleNamespace() if start is None else types.SimpleNamespace(ema_start_step=start)
    model = types.SimpleNamespace(weights=weights, step=step, sampler=types.SimpleNamespace(gan=gan))
    assert weights_in_words(model) == text
