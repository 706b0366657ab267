"""`compare_gan2 scaling`: what it fits and predicts from measurements and counts, which are made up here."""

import json

import pytest

from compare_gan2.benchmarks import scaling_model
from compare_gan2.benchmarks.operation_counts import Counts
from compare_gan2.scaling import main

RATE, LATENCY = 5e10, 1e-3


def measured_apart(replicas):
    operations, exchanges = 1e10 * replicas, 50
    seconds = operations / RATE + LATENCY * exchanges * (replicas - 1)
    return {"replicas": replicas, "operations": operations, "exchanges": exchanges, "seconds": seconds}


@pytest.fixture
def made_up(monkeypatch):
    monkeypatch.setattr(scaling_model, "measured_apart", measured_apart)
    monkeypatch.setattr(
        scaling_model, "target_counts", lambda: lambda batch: Counts(batch * 1e11, batch * 1e9, (2e8, 1e3))
    )


def test_fit_and_predictions_are_printed_and_written(made_up, tmp_path, capsys):
    assert main([f"--json={tmp_path / 'scaling.json'}"]) == 0
    results = json.loads((tmp_path / "scaling.json").read_text())
    assert results["fit"]["rate"] == pytest.approx(RATE) and results["fit"]["latency"] == pytest.approx(LATENCY)
    rows = {(row["machine"], row["replicas"]): row for row in results["predicted"]}
    assert {machine for machine, _ in rows} == set(scaling_model.MACHINES)
    one, eight = (rows["8 x A100 80GB (TF32)", replicas] for replicas in (1, 8))
    assert one["latency"] == one["transfer"] == 0 and one["work"] == pytest.approx(2048e11 / (0.3 * 156e12))
    assert eight["work"] == pytest.approx(one["work"] / 8) and eight["transfer"] > 0
    out = capsys.readouterr().out
    assert "fit: 50.0 GFLOP/s, 1000 us per exchange" in out and "images/s at shares 0.15, 0.5" in out


def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path, capsys):
    assert main([f"--json={tmp_path}"]) == 2
    assert "--json: expected a file in a folder that can be written" in capsys.readouterr().err
