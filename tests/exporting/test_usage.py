"""What a page shows can be run as it is shown, beside the files."""

import contextlib

import numpy as np
import pytest

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
