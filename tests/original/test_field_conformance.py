"""Recorded cases of other methods: what is computed here passes, whatever differs fails, the rest is listed."""

import json

import numpy as np
import pytest
import tensorflow as tf
from support.field_goldens import FIELD

from compare_gan2 import conformance as command
from compare_gan2.original import field_cases
from compare_gan2.original.field_conformance import error_of, errors_of, is_implemented

CASES = json.loads((FIELD / "manifest.json").read_text())
IMPLEMENTED = sorted(name for name in CASES if is_implemented(name))


def arrays_of(name):
    with np.load(FIELD / f"{name}.npz") as stored:
        return dict(stored)


def write(folder, cases):
    """A folder of cases {name: (entry, arrays)}."""
    (folder / "manifest.json").write_text(json.dumps({name: entry for name, (entry, _) in cases.items()}))
    for name, (_, arrays) in cases.items():
        np.savez(folder / f"{name}.npz", **arrays)


def test_every_function_has_a_case():
    assert {field_cases.function_of(name) for name in IMPLEMENTED} == set(field_cases.CASES.values())


@pytest.mark.parametrize("name", ["feature_matching", "topk"])  # test_field_cases.py has all of them
def test_what_others_computed(name):
    rows = errors_of(FIELD, name, CASES[name])
    assert {quantity.split(", ")[0] for quantity, _, _ in rows} == set(CASES[name]["outputs"])
    assert len(rows) == 2 * len(CASES[name]["outputs"])  # eagerly and in a graph
    for quantity, error, tolerance in rows:
        assert error <= tolerance, quantity


def test_the_same_compiled_by_xla(monkeypatch, name="topk"):
    compiled, function = [], tf.function
    monkeypatch.setattr(tf, "function", lambda *a, **k: compiled.append(k["jit_compile"]) or function(*a, **k))
    assert all(error <= tolerance for _, error, tolerance in errors_of(FIELD, name, CASES[name], jit_compile=True))
    assert compiled == [True]


def test_command(tmp_path, capsys):
    known, arrays = CASES["feature_matching"], arrays_of("feature_matching")
    changed = arrays | {"loss": arrays["loss"] * (1 + 3e-5)}
    lost = {**known, "outputs": [*known["outputs"], "never_computed"]}
    write(
        tmp_path,
        {
            "feature_matching": (known, arrays),
            "feature_matching_changed": (known, changed),
            "feature_matching_more": (lost, arrays),
            "simclr": (known, arrays),
        },
    )
    assert command.main([str(tmp_path)]) == 1
    first, second, third, fourth, missing, last = capsys.readouterr().out.strip().splitlines()
    assert " pass " in first and "tolerance 1e-05" in first
    assert "FAIL (loss, " in second and "FAIL" in third and "never_computed" in third
    assert "not yet implemented" in fourth and missing == "not yet implemented: simclr"
    assert last == "1 passed, 3 failed"
    assert command.main([str(tmp_path), "--case", "feature_matching"]) == 0


@pytest.mark.parametrize(
    "value, reference, passes",
    [
        (1.0 + 9e-6, 1.0, True),
        (1.0 + 2e-5, 1.0, False),
        ([5e-8, 0.0], [0.0, 0.0], True),  # absolute slack
        ([2e-7, 0.0], [0.0, 0.0], False),
        ([1e-6, 1.0], [0.0, 1.0], True),  # relative to the largest
        (np.nan, 1.0, False),
        ([3, 4], np.array([3, 4]), True),
        ([3, 5], np.array([3, 4]), False),
    ],
)
def test_rule_of_tolerance(value, reference, passes):
    assert (error_of(value, reference, name="x", tolerance=1e-5) <= 1e-5) == passes


def test_other_shapes():
    with pytest.raises(ValueError, match=r"x: recorded with shape \(2,\), here \(3,\)"):
        error_of([1, 2, 3], np.array([1.0, 2.0]), name="x", tolerance=1e-5)
