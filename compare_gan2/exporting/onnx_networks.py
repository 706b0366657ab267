"""A model as ONNX files: `generator.onnx` (generate), `discriminator.onnx` (discriminate and predict_labels)."""

import logging

import tensorflow as tf

from compare_gan2.exporting.signatures import judge_signature, network_signatures
from compare_gan2.ground.errors import ConfigError

OPSET = 18  # of onnxruntime 1.14 and later
FILES = {"generate": "generator.onnx", "discriminate": "discriminator.onnx"}


def require_float32(networks):
    """Raises a `ConfigError` for networks that compute in bfloat16, which onnxruntime does not on a CPU."""
    if networks.generator.compute_dtype != "float32":
        raise ConfigError(
            f"--format: onnx needs networks that compute in float32, these compute in "
            f"{networks.generator.compute_dtype}; to export them in float32: "
            "--gin_bindings=\"run_config.mixed_precision = 'float32'\""
        )


def write(folder, model, networks):
    """Writes the files to a folder.

    Args:
        folder: an existing folder.
        model: `Model`.
        networks: its `BakedNetworks`.
    """
    import onnx
    import tf2onnx

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    found = {"generate": network_signatures(model, networks)["generate"]}
    found["discriminate"] = judge_signature(model, networks)
    for name, file in FILES.items():
        if found[name] is None:
            continue
        function, specs = found[name]
        graph = tf.function(function, input_signature=specs, autograph=False)
        proto, _ = tf2onnx.convert.from_function(graph, specs, opset=OPSET)
        for value in (*proto.graph.input, *proto.graph.output):
            value.type.tensor_type.shape.dim[0].dim_param = "N"
        onnx.save(proto, folder / file)


def outputs(folder, probe):
    """{name: array} of what onnxruntime computes from the files in a folder for the inputs of a `Probe`."""
    import onnxruntime

    results = {}
    for name, file in FILES.items():
        if not (folder / file).exists():
            continue
        session = onnxruntime.InferenceSession(folder / file, providers=["CPUExecutionProvider"])
        _, inputs = probe.calls[name]
        used = {given.name: inputs[given.name] for given in session.get_inputs()}  # labels that nothing reads are gone
        names = [output.name for output in session.get_outputs()]
        values = dict(zip(names, session.run(names, used), strict=True))
        results[name] = values["images" if name == "generate" else "logits"]
        if "probabilities" in values:
            results["predict_labels"] = values["probabilities"]
    return results
