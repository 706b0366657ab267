"""What a page shows can be run as it is shown, beside the files."""

import contextlib
import functools
import types

import numpy as np
import pytest

from compare_gan2.datasets.latents import Latents, normal, truncated_normal, uniform
from compare_gan2.exporting import keras_networks, onnx_networks, saved_model
from compare_gan2.exporting.usage import usage
from compare_gan2.runs import export_record


def codes(parts):
    return [part.removeprefix("```python\n").removesuffix("\n```") for part in parts if part.startswith("```")]


def test_every_block_makes_images(model, networks, tmp_path):
    pytest.importorskip("tf2onnx")
    saved_model.write(tmp_path, model, networks)
    keras_networks.write(tmp_path, model, networks)
    onnx_networks.write(tmp_path, model, networks)
    record = export_record.ExportRecord(model.latents, model.class_names, None, model.step, model.weights)
    export_record.write(tmp_path, record)
    shown = codes(usage(model, ["keras", "saved_model", "onnx"]))
    assert len(shown) == 4
    with contextlib.chdir(tmp_path):
        for code in shown:
            names = {}
            exec(code, names)
            assert np.shape(names["images"]) == (16, *model.image_shape)


@pytest.mark.parametrize(
    "latents, low, high, deviation",
    [
        (Latents(normal), -7, 7, 1.0),
        (Latents(normal, stddev=3.0), -21, 21, 3.0),
        (Latents(functools.partial(normal, mean=5.0)), -2, 12, 1.0),
        (Latents(), -1, 1, 12**-0.5 * 2),
        (Latents(uniform, minval=0.0, maxval=4.0), 0, 4, 12**-0.5 * 4),
        (Latents(truncated_normal, stddev=0.5), -1, 1, 0.5 * 0.88),
    ],
    ids=lambda value: value.description if isinstance(value, Latents) else "",
)
@pytest.mark.parametrize("name", ["keras", "onnx"])
def test_latents_are_drawn_from_the_distribution_of_the_model(latents, low, high, deviation, name):
    model = types.SimpleNamespace(num_classes=None, z_dim=2000, latents=latents, generator=None)
    code = codes(usage(model, [name]))[-1]
    names = {"np": np}
    exec("\n".join(line for line in code.splitlines() if line.startswith(("values =", "latents ="))), names)
    drawn = names["latents"]
    assert drawn.dtype == np.float32 and drawn.shape == (16, 2000)
    assert low <= drawn.min() and drawn.max() <= high
    np.testing.assert_allclose(drawn.std(), deviation, rtol=0.05)
    np.testing.assert_allclose(drawn.mean(), (low + high) / 2, atol=0.1)
    assert "latents" in code.splitlines()[-1] or '"latents": latents' in code
