"""Recomputes the recorded metrics of the original from the recorded arrays, see tests/goldens/README.md."""

import json
import re

import numpy as np

from compare_gan2.metrics.distances.kid import kid
from compare_gan2.metrics.model.jacobian import analyze_jacobian
from compare_gan2.metrics.pixels.fractal_dimension import fractal_dimension_around
from compare_gan2.metrics.pixels.ms_ssim import mean_pairwise_ms_ssim
from compare_gan2.metrics.precision_and_recall.prd import max_f_beta_pair, prd_of_histograms

_INPUTS = frozenset(
    ["features_fake", "features_real", "prd_eval", "prd_ref", "msssim_images", "fd_points", "fd_centres", "jacobian"]
)


def comparisons(arrays):
    """Yields (name, computed array, recorded array) of each result; at least one.

    Args:
        arrays: {name: array} of inputs and results, all or some.

    Raises:
        ValueError: for an unknown result, a result without its inputs, or no result at all.
    """
    results = sorted(arrays.keys() - _INPUTS)
    if not results:
        raise ValueError(f"no recorded results, only {', '.join(sorted(arrays))}")
    for name in results:
        function, arguments = _function(name)
        try:
            pairs = function(arrays, arrays[name], *arguments)
        except KeyError as error:
            raise ValueError(f"{name}: the case has no array {error.args[0]!r}") from error
        for part, computed, recorded in pairs:
            yield f"{name} {part}".rstrip(), np.asarray(computed), np.asarray(recorded)


def _function(name):
    for pattern, function in _RESULTS.items():
        if match := re.fullmatch(pattern, name):
            return function, match.groups()
    raise ValueError(f"recorded arrays that nothing here computes: ['{name}']")


def _kid(arrays, recorded, count, block_size=None):
    real, fake = arrays["features_real"][: int(count)], arrays["features_fake"][: int(count)]
    result = kid(real, fake, max_block_size=int(block_size or count), images_in_order=True, ddof=0)
    if block_size is None:
        return [("", result.mean, recorded)]
    if result.num_blocks < 5:  # the standard error of the original was NaN then
        return [("mean", result.mean, recorded[0])]
    return [("", [result.mean, result.standard_error], recorded)]


def _prd_curve(arrays, recorded, axis):
    return [("", prd_of_histograms(arrays["prd_ref"], arrays["prd_eval"])[axis == "recall"], recorded)]


def _prd_scores(arrays, recorded, beta):
    curve = prd_of_histograms(arrays["prd_ref"], arrays["prd_eval"])
    return [("", max_f_beta_pair(*curve, float(beta)), recorded)]


def _ms_ssim(arrays, recorded):
    return [("", mean_pairwise_ms_ssim(arrays["msssim_images"], max_value=255.0), recorded)]


def _fractal_dimension(arrays, recorded):
    return [("", fractal_dimension_around(arrays["fd_points"], arrays["fd_centres"]), recorded)]


def _jacobian(arrays, recorded):
    """Comparisons for the tensors of the samples and their mean; eigenvalues were recorded in no order."""
    recorded, pairs = json.loads(str(recorded)), []
    analyses = dict(zip(("metric_tensor", "mean_metric_tensor"), analyze_jacobian(arrays["jacobian"]), strict=True))
    for of_what, numbers in recorded.items():
        analysis = analyses[of_what]
        parts = {
            "eigenvalues": np.sort(analysis.eigenvalues, axis=1),
            "logdet": analysis.log_determinant,
            "log_condition_number": analysis.log_condition_number,
        }
        pairs += [
            (f"{of_what} {part}", parts[part], np.sort(values, axis=-1) if part == "eigenvalues" else values)
            for part, values in numbers.items()
        ]
    return pairs


_RESULTS = {
    r"kid_(\d+)_blocks(\d+)": _kid,
    r"kid_(\d+)_single": _kid,
    r"prd_(precision|recall)": _prd_curve,
    r"prd_fbeta(\d+)": _prd_scores,
    "msssim": _ms_ssim,
    "fractal_dimension": _fractal_dimension,
    "jacobian_result": _jacobian,
}
