import json
import pathlib

import numpy as np
import pytest

from compare_gan2 import conformance
from compare_gan2.metrics.distances.kid import kid
from compare_gan2.original.recorded_metrics import comparisons

ARRAYS = dict(np.load(pathlib.Path(__file__).parent.parent / "goldens" / "metrics.npz"))
RESULTS = [name for name in ARRAYS if name.startswith(("kid_", "prd_p", "prd_r", "prd_f")) and name != "prd_ref"]
RESULTS += ["msssim", "fractal_dimension", "jacobian_result"]


def verdict(tmp_path, arrays, capsys):
    (tmp_path / "manifest.json").write_text(json.dumps({"case": {"kind": "metrics"}}))
    np.savez(tmp_path / "case.npz", **arrays)
    code = conformance.main([str(tmp_path)])
    return code, capsys.readouterr().out


def test_every_result_is_compared():
    names = {name.split()[0] for name, _, _ in comparisons(ARRAYS)}
    assert names == set(RESULTS) and len(names) == 8


@pytest.mark.parametrize("name", RESULTS)
def test_another_result_fails(name, tmp_path, capsys):
    changed = ARRAYS[name]
    if name == "jacobian_result":
        changed = json.loads(str(changed))
        changed["mean_metric_tensor"]["logdet"][0] *= 1.001
        changed = np.array(json.dumps(changed))
    else:
        changed = changed * 1.001
    code, output = verdict(tmp_path, {**ARRAYS, name: changed}, capsys)
    assert code == 1 and "FAIL" in output and f"({name}" in output


def test_a_case_may_hold_some_arrays_and_other_sizes(tmp_path, capsys):
    kids = kid(
        ARRAYS["features_real"][:200], ARRAYS["features_fake"][:200], max_block_size=100, images_in_order=True, ddof=0
    )
    arrays = {key: ARRAYS[key] for key in ("features_real", "features_fake", "prd_eval", "prd_ref", "prd_recall")}
    # With fewer than five blocks the original's standard error is NaN.
    arrays["kid_200_blocks100"] = np.array([kids.mean, np.nan])
    code, output = verdict(tmp_path, arrays, capsys)
    assert code == 0 and output.endswith("1 passed, 0 failed\n")


@pytest.mark.parametrize(
    "arrays, message",
    [
        ({**ARRAYS, "gilbo": np.ones(1)}, "nothing here computes: ['gilbo']"),
        ({"msssim": ARRAYS["msssim"]}, "msssim: the case has no array 'msssim_images'"),
        ({"features_real": ARRAYS["features_real"]}, "no recorded results, only features_real"),
        ({**ARRAYS, "msssim": np.array(np.nan)}, "error inf"),
    ],
)
def test_cases_that_say_nothing_fail(arrays, message, tmp_path, capsys):
    code, output = verdict(tmp_path, arrays, capsys)
    assert code == 1 and "FAIL" in output and message in output
