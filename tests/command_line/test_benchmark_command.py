"""`compare_gan2 benchmark`: steps beside the plain ones, inputs, and what cannot be measured."""

import functools
import json
import types

import pytest

from compare_gan2 import benchmark
from compare_gan2.benchmarks import (
    curves,
    fastest_settings,
    input_rate,
    machine,
    metric_costs,
    metric_process,
    part_costs,
    presets,
    sampling_rate,
    timing,
)
from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import Options, RunConfig

SMALLEST = [
    *("--gin_bindings=options.architecture = 'tiny_arch'", "--gin_bindings=options.batch_size = 8"),
    *("--gin_bindings=S3GAN.rotated_batch_fraction = 2", "--rounds=1"),
]
QUICK = ["--gin_config=s3gan.gin", *SMALLEST]


def test_measures_ours_beside_the_plain_step(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(timing, "SECONDS_PER_CALL", 1e-6)
    monkeypatch.setattr(machine, "SIDE", 64)
    file = tmp_path / "result.json"
    assert benchmark.main([*QUICK, "--against=plain", "--no_shares", f"--json={file}"]) == 0
    result = json.loads(file.read_text())
    assert list(result["rows"]) == ["plain", "ours, call for call", "ours, fakes shared"]
    plain, ours, shared = result["rows"].values()
    assert plain["useful_operations"] == ours["useful_operations"] > shared["useful_operations"] > 0
    for row in result["rows"].values():
        assert row["images_per_second"] == pytest.approx(8 / row["seconds_per_step"])
        assert row["times_plain"] == pytest.approx(plain["seconds_per_step"] / row["seconds_per_step"])
    out = capsys.readouterr().out
    assert "images/s" in out and "ours, fakes shared" in out and "peak memory" in out


def test_measures_the_input_of_memory_files_and_folders(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(input_rate, "write_pictures", functools.partial(input_rate.write_pictures, count=16))
    monkeypatch.setattr(input_rate, "BATCHES_ALONE", 1)
    file = tmp_path / "result.json"
    assert benchmark.main(["--preset=s3gan_32_width32", *SMALLEST, "--input", f"--json={file}"]) == 0
    rows = json.loads(file.read_text())["rows"]
    assert list(rows) == ["arrays in memory", "JPEGs in TFRecord files", "folder of JPEGs"]
    for row in rows.values():
        assert row["images_per_second_alone"] > 0 and row["images_per_second_of_step"] > 0
        assert 0 < row["share_of_step_waiting"] < 1
    out = capsys.readouterr().out
    assert "training waits" in out and "times as many as a step reads" in out


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "--preset or --gin_config: expected one of them"),
        (["--preset=s3gan_32_width32", "--gin_bindings=options.batch_size = 7"], "rotated_batch_fraction"),
        (["--sampling", "--torch_python=nowhere", "--batch=1"], "--torch_python: nowhere cannot be run"),
        (["--metrics", "--rounds=1", "--torch_python=nowhere"], "--torch_python: nowhere cannot be run"),
    ],
)
def test_what_cannot_be_measured_is_a_message(arguments, message, capsys, monkeypatch):
    monkeypatch.setattr(sampling_rate, "_ours", lambda batch: lambda: 1.0)
    assert benchmark.main(arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("name", presets.SIZES)
def test_presets_parse_and_bind_nothing_unknown(name):
    assert parse([], presets.bindings(name)).build(Options).batch_size == presets.SIZES[name][2]


def test_curves_are_drawn_from_their_rows(tmp_path):
    rows = [
        {"axis": axis, **curves.BASE, axis: value, "milliseconds_per_image": 1.0 + value, "peak_memory": 2**30}
        for axis, values in curves.AXES.items()
        for value in values
    ]
    curves.plot(rows, tmp_path / "cost.png")
    assert (tmp_path / "cost.png").stat().st_size > 10_000


def test_measures_what_parts_add_to_a_step(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(timing, "SECONDS_PER_CALL", 1e-6)
    file, parts = (
        tmp_path / "result.json",
        ["with/lecam.gin", "penalty.fn = @r1; penalty.every = 16", "penalty.fn = @r1"],
    )
    assert benchmark.main([*QUICK, *(f"--part={part}" for part in parts), f"--json={file}"]) == 0
    rows = json.loads(file.read_text())["rows"]
    assert list(rows) == parts
    for row in rows.values():
        assert row["times_without"] > 0 and row["times_least"] <= row["times_without"] <= row["times_most"]
    assert rows["with/lecam.gin"]["times_operations"] == 1.0  # no products
    assert rows[parts[1]]["times_operations"] is None  # inside of a condition
    assert rows[parts[2]]["times_operations"] > 1.1
    out = capsys.readouterr().out
    assert "more time" in out and all(part in out for part in parts)


def test_parts_that_do_not_go_with_it_are_left_out_of_all(monkeypatch, capsys):
    monkeypatch.setattr(timing, "SECONDS_PER_CALL", 1e-6)
    monkeypatch.setattr(part_costs, "shipped_parts", lambda: ["with/lecam.gin", "with/multi_hinge.gin"])
    assert benchmark.main([*QUICK, "--part=all"]) == 0
    done = capsys.readouterr()
    assert (
        "left out with/multi_hinge.gin: ModularGAN.label_heads: @multi_hinge() owns the logits" in done.out + done.err
    )
    assert "with/lecam.gin" in done.out and "\nwith/multi_hinge.gin" not in done.out


def test_measures_metrics(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(metric_costs, "ROWS", 400)
    monkeypatch.setattr(metric_costs, "WIDTH", 16)
    monkeypatch.setattr(metric_costs, "METRICS", ("density, coverage", "Inception score"))
    file = tmp_path / "result.json"
    assert benchmark.main(["--metrics", "--rounds=1", f"--json={file}"]) == 0
    measured = json.loads(file.read_text())["metrics"]
    assert list(measured) == ["density, coverage", "Inception score"]
    for packages in measured.values():
        (cost,) = packages.values()
        assert cost["cpu_seconds"] > 0 and cost["seconds"] > 0 and 2**25 < cost["peak_bytes"] < 2**31
    out = capsys.readouterr().out
    assert "density, coverage    compare_gan2" in out and "MiB" in out


def test_every_metric_that_is_measured_gives_what_it_should():
    real, fake = metric_process.features(300, 8)
    found = {name: run(real, fake, metric_process.logits(300)) for name, run in metric_process._ours().items()}
    assert found.keys() == set(metric_costs.METRICS)
    assert found["FID"] > 0 and found["precision, recall"].recall > 0.5 and found["density, coverage"].coverage > 0.5
    assert found["KID of 100 subsets"].num_subsets == 100 and found["Inception score"].mean > 1


def test_the_fastest_settings_of_a_device_become_a_part(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(timing, "SECONDS_PER_CALL", 1e-6)
    refused = ("options.batch_size = 7",)  # not a multiple of the rotated share
    monkeypatch.setattr(fastest_settings, "CANDIDATES", (fastest_settings.CANDIDATES[0], refused))
    monkeypatch.setattr(fastest_settings, "BATCH_FACTORS", (2,))
    file, part = tmp_path / "result.json", tmp_path / "fastest.gin"
    assert benchmark.main([*QUICK, "--device=cpu", f"--best={part}", f"--json={file}"]) == 0
    result = json.loads(file.read_text())
    bfloat16, failed = result["settings"]
    assert bfloat16["images_per_second"] > 0 and bfloat16["times_least"] <= bfloat16["times"] <= bfloat16["times_most"]
    assert "rotated_batch_fraction" in failed["failed"] and "times" not in failed
    fastest = bfloat16["bindings"] if bfloat16["times"] > 1 else list(fastest_settings.PLAIN)
    assert result["fastest"] == fastest
    assert [row["batch_size"] for row in result["batches"]] == [16] and result["batches"][0]["images_per_second"] > 0
    chosen = parse(["s3gan.gin", str(part)], []).build(RunConfig)
    assert fastest == [
        f"run_config.mixed_precision = {chosen.mixed_precision!r}",
        f"run_config.jit_compile = {chosen.jit_compile!r}",
    ]
    assert f"Images per second with larger batches than 8: 16: {result['batches'][0]['images_per_second']:.0f}." in (
        part.read_text()
    )
    out = capsys.readouterr().out
    assert "cpu: " in out and "failed" in out and f"written: {part}" in out


def test_the_fastest_setting_is_the_one_with_the_largest_ratio(monkeypatch):
    class Workload:
        images_per_step, options = 8, types.SimpleNamespace(batch_size=8)

        def __init__(self, variant):
            self.variant = variant

    seconds = {fastest_settings.PLAIN: 2.0}
    seconds |= dict(zip(fastest_settings.CANDIDATES, (1.0, 0.5, 4.0), strict=True))
    monkeypatch.setattr(
        timing, "interleaved", lambda both, rounds: {w.variant.name: [seconds[w.variant.bindings[:2]]] for w in both}
    )
    setting = types.SimpleNamespace(workload=lambda variant, strategy: Workload(variant))
    result = fastest_settings.measure(setting, "cpu", rounds=1, say=lambda text: None)
    assert [row["times"] for row in result["settings"]] == [2.0, 4.0, 0.5]
    assert result["fastest"] == fastest_settings.CANDIDATES[1]
    assert result["plain"]["images_per_second"] == 4.0
    assert [row["times"] for row in result["batches"]] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    "given, message",
    [
        (["--device=gpu"], "--device: expected a device that TensorFlow finds, got gpu: there is none"),
        (["--device=cpu", "--against=plain"], "expected no other measurement beside it, got --device"),
        (["--best=fastest.gin"], "--best: expected --device beside it"),
        (["--device=cpu", "--best=nowhere/fastest.gin"], "--best: "),
    ],
)
def test_devices_that_are_refused(given, message, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert benchmark.main([*QUICK, *given]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "given, message",
    [
        (["--part=with/nowhere.gin"], "with/nowhere.gin"),
        (["--part=all", "--part=with/lecam.gin"], "--part: expected all or some parts"),
        (["--part=with/lecam.gin", "--input"], "--part: expected no other measurement beside it"),
        (["--part=ModularGAN.regularizers = [@lecam()]; lecam.weight = -1"], "lecam.weight: expected a number from 0"),
        (["--part=lecam.weight = 1"], "--part: expected bindings that a step of this configuration reads, got lecam.w"),
    ],
)
def test_parts_that_are_refused(given, message, capsys):
    assert benchmark.main([*QUICK, *given]) == 2
    assert message in capsys.readouterr().err
