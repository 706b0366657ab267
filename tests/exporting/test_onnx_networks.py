"""ONNX files, computed by onnxruntime."""

import types

import numpy as np
import pytest

from compare_gan2.exporting import onnx_networks
from compare_gan2.ground.errors import ConfigError

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("tf2onnx")


def test_they_give_what_the_model_gives(model, networks, probe, tmp_path):
    onnx_networks.write(tmp_path, model, networks)
    results = onnx_networks.outputs(tmp_path, probe)
    assert results.keys() == {name for name in probe.expected if not name.startswith("sample")}
    assert max(probe.differences("onnx", results, 1e-4).values()) < 1e-4
    session = onnxruntime.InferenceSession(tmp_path / "generator.onnx")
    shapes = {value.name: value.shape for value in (*session.get_inputs(), *session.get_outputs())}
    labels = {} if model.num_classes is None else {"labels": ["N", model.num_classes]}
    assert shapes == {"latents": ["N", model.z_dim], **labels, "images": ["N", *model.image_shape]}
    latents = np.ones([3, model.z_dim], np.float32)
    given = {"latents": latents, **({"labels": np.eye(3, dtype=np.float32)} if labels else {})}
    expected = model.sampler.generate(latents, given.get("labels"))
    np.testing.assert_allclose(session.run(["images"], given)[0], expected, atol=1e-4)


def test_networks_in_bfloat16_are_refused():
    networks = types.SimpleNamespace(generator=types.SimpleNamespace(compute_dtype="bfloat16"))
    with pytest.raises(ConfigError, match="onnx needs .* compute in bfloat16; .*mixed_precision = 'float32'"):
        onnx_networks.require_float32(networks)
