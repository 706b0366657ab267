"""A few inputs with what the model itself gives for them, to check every exported file by."""

import dataclasses

import numpy as np

from compare_gan2.ground.errors import ExportFailed
from compare_gan2.runs.draws import draw_latents
from compare_gan2.runs.truncation_in_w import can_truncate

COUNT, SEED, TRUNCATION = 5, 7, 0.75
FLOAT32, ONNX, BFLOAT16 = 1e-5, 1e-4, 5e-2  # largest differences; onnxruntime adds in another order


@dataclasses.dataclass(frozen=True, eq=False)
class Probe:
    """Calls of signatures and what they should return.

    Attributes:
        calls: {name: (signature, {input: array})}; the name is the signature's but for "sample, truncated".
        expected: {name: array}.
        tolerance: largest difference, relative to the largest expected value if that is above 1.
    """

    calls: dict
    expected: dict
    tolerance: float

    def differences(self, what, results, tolerance=None):
        """{name: largest difference} of results from what is expected.

        Args:
            what: name of the format, for the message.
            results: {name: array}.
            tolerance: in place of the probe's own.

        Raises:
            ExportFailed: if one is above the tolerance.
        """
        limit, found = tolerance or self.tolerance, {}
        for name, values in results.items():
            expected = self.expected[name]
            scale = max(1.0, float(np.abs(expected).max()))
            different = values.shape != expected.shape or not np.isfinite(values).all()
            found[name] = np.inf if different else float(np.abs(values - expected).max()) / scale
            if not found[name] <= limit:
                raise ExportFailed(
                    f"export: {what} gives other results than the model: {name} differs by {found[name]:.2g}, "
                    f"expected at most {limit:g}; nothing was written"
                )
        return found


def probe_of(model, networks):
    """`Probe` of a `Model`: what its own `sampler` computes, not the copies.

    Args:
        model: `Model`.
        networks: its `BakedNetworks`.
    """
    latents = draw_latents(model.latents, COUNT, model.z_dim, SEED)
    conditional = model.num_classes is not None
    numbers = np.arange(COUNT, dtype=np.int32) % model.num_classes if conditional else None
    if conditional:
        numbers[-1] = -1
    vectors = np.eye(model.num_classes, dtype=np.float32)[numbers] * (numbers >= 0)[:, None] if conditional else None
    labels = {} if vectors is None else {"labels": vectors.astype(np.float32)}
    images = model.sampler.generate(latents, labels.get("labels"))
    calls = {"generate": ("generate", {"latents": latents, **labels})}
    expected = {"generate": images}
    if getattr(networks.generator, "truncates_w", False):
        psi = np.full([COUNT], TRUNCATION, np.float32)
        calls["truncate"] = ("truncate", {"latents": latents, **labels, "psi": psi})
        expected["truncate"] = model.sampler.generate(latents, labels.get("labels"), psi=TRUNCATION)
    if networks.judge is not None:
        calls["discriminate"] = ("discriminate", {"images": images, **labels})
        expected["discriminate"] = model.sampler.discriminate(images, numbers)
    if networks.predicts_labels:
        calls["predict_labels"] = ("predict_labels", {"images": images})
        expected["predict_labels"] = model.sampler.predict_labels(images)
    for name, truncation in (("sample", None), ("sample, truncated", TRUNCATION)):
        if truncation is not None and not can_truncate(model):
            continue
        given = {"seed": np.int64(SEED), **({"labels": numbers} if conditional else {"count": np.int32(COUNT)})}
        if can_truncate(model):
            given["truncation"] = np.float32(truncation or 0.0)
        calls[name] = ("sample", given)
        asked = list(numbers) if conditional else None
        expected[name] = model.sample(COUNT, asked, SEED, truncation, dtype="float32")
    tolerance = FLOAT32 if networks.generator.compute_dtype == "float32" else BFLOAT16
    return Probe(calls, expected, tolerance)
