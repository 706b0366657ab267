"""`compare_gan2 conformance`: recorded cases pass, and whatever differs from them fails."""

import json
import re
import shutil

import numpy as np
import pytest
import tensorflow as tf
from support.goldens import GOLDENS

from compare_gan2 import conformance as command
from compare_gan2.original import conformance

pytestmark = pytest.mark.usefixtures("unoptimized")
NAME_OF_CHECKPOINT = "tf1_checkpoint_s3gan"
CASES = json.loads((GOLDENS / "manifest.json").read_text())


def write(folder, name, case, arrays):
    (folder / "manifest.json").write_text(json.dumps({name: case}))
    np.savez(folder / f"{name}.npz", **arrays)


@pytest.mark.parametrize("name", CASES)
def test_what_the_original_computed(name, capsys):
    assert command.main([str(GOLDENS), "--case", name]) == 0
    first, last = capsys.readouterr().out.strip().splitlines()
    assert first.startswith(name) and " pass " in first and "error" in first and "tolerance" in first
    assert last == "1 passed, 0 failed"


def test_the_same_compiled_by_xla(capsys, monkeypatch):
    compiled, function = [], tf.function
    monkeypatch.setattr(tf, "function", lambda *a, **k: compiled.append(k.get("jit_compile")) or function(*a, **k))
    assert command.main([str(GOLDENS), "--case", NAME_OF_CHECKPOINT, "--jit_compile"]) == 0, capsys.readouterr().out
    assert True in compiled  # spectral norm inside has functions of its own


def test_another_recorded_output_fails(tmp_path, capsys, monkeypatch):
    name, rows, changed = "biggan32_cbn_accu", [], ("G/eval", "D/train/logit", "D/eval/features")
    arrays = dict(np.load(GOLDENS / f"{name}.npz"))
    arrays |= {key: arrays[key] * 1.001 for key in changed}
    write(tmp_path, name, CASES[name], arrays)
    kind = CASES[name]["kind"]
    run = conformance.RUNNERS[kind]
    monkeypatch.setitem(conformance.RUNNERS, kind, lambda *arguments: rows.extend(run(*arguments)) or rows)
    assert command.main([str(tmp_path)]) == 1
    output = capsys.readouterr().out
    assert "FAIL" in output and output.endswith("0 passed, 1 failed\n")
    assert {quantity for quantity, error, tolerance in rows if error > tolerance} == set(changed)


def test_another_course_of_training_fails(tmp_path, capsys, monkeypatch):
    """Each kind of recorded array is compared: of four that differ, four are found."""
    name, rows = "biggan_unrolled2", []
    arrays = dict(np.load(GOLDENS / f"{name}.npz"))
    kinds = {kind: next(key for key in sorted(arrays) if key.split("/")[0] == kind) for kind in ("stat", "final")}
    for key in (*kinds.values(), "losses", "global_step"):
        arrays[key] = arrays[key] * 1.01 + (key == "global_step")
    write(tmp_path, name, CASES[name], arrays)
    monkeypatch.setitem(
        conformance.RUNNERS, "train", lambda *arguments: rows.extend(conformance.run_train(*arguments)) or rows
    )
    assert command.main([str(tmp_path)]) == 1
    assert "FAIL" in capsys.readouterr().out
    wrong = [quantity for quantity, error, tolerance in rows if error > tolerance]
    assert len(wrong) == 4 and wrong[0] == "losses" and wrong[-1].startswith("counters")
    assert {f"change of {kinds['stat'].removeprefix('stat/')}", kinds["final"].removeprefix("final/")} <= set(wrong)


def test_a_binding_that_changes_the_course_fails(tmp_path, capsys):
    name = "biggan32_cbn_accu"
    case = {**CASES[name], "bindings": [*CASES[name]["bindings"], "standardize_batch.epsilon = 1e-2"]}
    write(tmp_path, name, case, np.load(GOLDENS / f"{name}.npz"))
    assert command.main([str(tmp_path)]) == 1
    assert "FAIL" in capsys.readouterr().out


def test_what_does_not_exist_yet_counts_as_failed(tmp_path, capsys):
    arrays = dict(np.load(GOLDENS / "biggan32_cbn_accu.npz"))
    known = CASES["biggan32_cbn_accu"]
    foreign = [line.replace("resnet_biggan_arch", "no_such_arch") for line in known["bindings"]]
    cases = {"kind": {**known, "kind": "no_such_kind"}, "arch": {**known, "bindings": foreign}, "known": known}
    for name in cases:
        np.savez(tmp_path / f"{name}.npz", **arrays)
    (tmp_path / "manifest.json").write_text(json.dumps(cases))
    assert command.main([str(tmp_path)]) == 1
    lines = capsys.readouterr().out.strip().splitlines()
    assert "not yet" in lines[0] and "not yet" in lines[1]
    # The third is derived from another name, so its inputs are others than the recorded ones.
    assert "FAIL" in lines[2] and lines[3:] == ["not yet implemented: kind, arch", "0 passed, 3 failed"]


def test_unknown_case(capsys):
    assert command.main([str(GOLDENS), "--case", "s3gan_predicter"]) == 2
    message = capsys.readouterr().err
    assert "--case" in message and "'s3gan_predicter'" in message and "s3gan_predictor" in message


def test_folder_without_a_manifest(tmp_path, capsys):
    assert command.main([str(tmp_path)]) == 2
    assert "manifest.json" in capsys.readouterr().err
    (tmp_path / "manifest.json").write_text("{not json")
    assert command.main([str(tmp_path)]) == 2


def test_variables_that_one_side_does_not_have(tmp_path, capsys):
    name = "biggan32_cbn_accu"
    variables = CASES[name]["variables"]
    first = next(iter(variables))
    for changed, reason in (
        ({key: facts for key, facts in variables.items() if key != first}, f"the original does not have: ['{first}']"),
        ({**variables, first: {**variables[first], "shape": [1, 2, 3]}}, f"{first}: recorded with shape (1, 2, 3)"),
        ({**variables, "generator/extra/kernel": {"shape": [1, 1]}}, "generator/extra/kernel: recorded .* here none"),
    ):
        write(tmp_path, name, {**CASES[name], "variables": changed}, np.load(GOLDENS / f"{name}.npz"))
        assert command.main([str(tmp_path)]) == 1
        line, last = capsys.readouterr().out.strip().splitlines()
        assert "FAIL" in line and (reason in line or re.search(reason, line)) and last == "0 passed, 1 failed"


def test_a_case_that_cannot_run_does_not_stop_the_others(tmp_path, capsys):
    name = "biggan32_cbn_accu"
    broken = {**CASES[name], "bindings": [*CASES[name]["bindings"], "G.no_such_option = 1"]}
    cases = {"broken": broken, "lost": CASES[name], name: CASES[name]}
    (tmp_path / "manifest.json").write_text(json.dumps(cases))
    for present in ("broken", name):
        shutil.copyfile(GOLDENS / f"{name}.npz", tmp_path / f"{present}.npz")
    assert command.main([str(tmp_path)]) == 1
    lines = capsys.readouterr().out.strip().splitlines()
    assert "FAIL" in lines[0] and "no_such_option" in lines[0]
    assert "FAIL" in lines[1] and "lost.npz" in lines[1]
    assert " pass " in lines[2] and lines[3] == "1 passed, 2 failed"
