"""Several workers through the command line: the same numbers as one process, one that dies, one that never comes."""

import json
import os
import shutil
import signal

import numpy as np
import pytest
from support import tiny_run
from support.free_addresses import free_addresses

from compare_gan2.run_folder.checkpoint_files import checkpoint_steps

SMALL = tiny_run.TINY | {
    "options.gan_class": "@ModularGAN",
    "G.spectral_norm": False,
    "run_config.single_core": False,
    "run_config.iterations_per_loop": 1,
}


def start_workers(model_dir, addresses, **bindings):
    flags = [tiny_run.TRAIN_ONLY, f"--workers={','.join(addresses)}", "--worker_timeout=60"]
    return [
        tiny_run.start(model_dir, *flags, f"--worker_index={index}", **{**SMALL, **bindings})
        for index in range(len(addresses))
    ]


@pytest.fixture(scope="module")
def died(tmp_path_factory):
    """Folder of a run whose second worker was killed, the chief's `Result`, and the addresses."""
    model_dir, addresses = tmp_path_factory.mktemp("workers") / "run", free_addresses(2)
    chief, other = start_workers(model_dir, addresses, options__training_steps=100000)
    try:
        tiny_run.wait_for_rows(chief, model_dir, more_than=4)
        other.kill()
        return model_dir, tiny_run.result(chief), addresses
    finally:
        for process in (chief, other):
            process.kill()
            process.communicate()


def test_a_worker_that_dies_ends_the_run_with_a_message(died):
    model_dir, chief, addresses = died
    assert chief.code == 1
    message = tiny_run.error_line(chief)
    assert f"worker 1 ({addresses[1]}) has ended in the middle of the run; checkpoints are intact" in message
    assert not (model_dir / "TRAIN_DONE").exists()


def test_workers_resume_and_end_where_one_process_with_as_many_devices_ends(died, tmp_path):
    model_dir = shutil.copytree(died[0], tmp_path / "run")
    steps = tiny_run.rows(model_dir) // 3 * 3 + 6
    operative = model_dir / "operative_config-0.gin"
    text = operative.read_text()
    operative.write_text(text.replace("options.training_steps = 100000", "options.training_steps = 6"))
    assert operative.read_text() != text
    (model_dir / ".operative_config-0.gin.sha256").unlink()  # accepts what was edited
    results = [tiny_run.result(p) for p in start_workers(model_dir, free_addresses(2), options__training_steps=steps)]
    assert [result.code for result in results] == [0, 0], results
    assert "resumes from step" in results[0].out
    assert "loss" not in results[1].out and "saved" not in results[1].out
    alone = tiny_run.in_process(
        tmp_path / "alone", tiny_run.TRAIN_ONLY, "--num_devices=2", **SMALL | {"options__training_steps": steps}
    )
    assert alone.code == 0, alone.err
    expected, actual = tiny_run.values(tmp_path / "alone", steps), tiny_run.values(model_dir, steps)
    assert actual.keys() == expected.keys()
    for name in expected.keys() - {"save_counter/.ATTRIBUTES/VARIABLE_VALUE"}:
        scale = max(1e-2, np.abs(expected[name]).max())
        np.testing.assert_allclose(actual[name], expected[name], rtol=0, atol=1e-3 * scale, err_msg=name)
    assert tiny_run.rows(model_dir) == steps


def test_missing_worker_is_named(tmp_path):
    addresses = free_addresses(2)
    flags = [f"--workers={','.join(addresses)}", "--worker_index=0", "--worker_timeout=5"]
    result = tiny_run.in_process(tmp_path / "run", *flags, **SMALL)
    assert result.code == 2
    assert f"no connection with worker 1 ({addresses[1]}) within 5 s (--worker_timeout)" in tiny_run.error_line(result)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "flags, bindings, message",
    [
        (["--workers=a:1,b:2"], {}, "--worker_index: expected the position of this process"),
        (["--workers=a:1,b:2", "--worker_index=2"], {}, "--worker_index: expected 0 to 1 for 2 workers, got 2"),
        (["--worker_index=0"], {}, "--worker_index: expected --workers="),
        (["--num_devices=3"], {}, "--num_devices: expected at most 2, TensorFlow started with as many, got 3"),
        (
            ["--num_devices=2"],
            {"run_config__single_core": True},
            "--num_devices: expected 1 with run_config.single_core",
        ),
        (
            ["--num_devices=2"],
            {"options__batch_size": 15},
            "options.batch_size: expected a multiple of the 2 replicas, got 15",
        ),
        (["--use_tpu"], {}, "--use_tpu: expected the environment variable TPU_NAME to name a TPU"),
    ],
)
def test_what_cannot_be_run(flags, bindings, message, tmp_path, monkeypatch):
    monkeypatch.delenv("TPU_NAME", raising=False)
    result = tiny_run.in_process(tmp_path / "run", *flags, **SMALL | bindings)
    assert result.code == 2
    assert message in tiny_run.error_line(result)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "text, message",
    [
        ("{'cluster'", "TF_CONFIG: expected JSON such as"),
        (json.dumps({"cluster": {"worker": ["a:1", "b:1"]}}), "TF_CONFIG: expected a 'task'"),
        (
            json.dumps({"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 2}}),
            "TF_CONFIG: expected the index of one of the 2 tasks of type 'worker' (0 is the first), got 2",
        ),
    ],
)
def test_tf_config_that_cannot_be_run(text, message, tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "TF_CONFIG", text)
    result = tiny_run.in_process(tmp_path / "run", **SMALL)
    assert result.code == 2
    assert message in tiny_run.error_line(result)
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.parametrize("stopped", [0, 1])
def test_a_signal_to_one_worker_stops_all_after_the_same_step(stopped, tmp_path):
    bindings = {"options__training_steps": 100000, "run_config__save_checkpoints_steps": 100000}
    bindings["run_config__iterations_per_loop"] = 50
    processes = start_workers(tmp_path / "run", free_addresses(2), **bindings)
    try:
        tiny_run.wait_for_rows(processes[0], tmp_path / "run", more_than=40)
        processes[stopped].send_signal(signal.SIGTERM)
        results = [tiny_run.result(process, timeout=60) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert [result.code for result in results] == [143, 143], results
    assert all("stopping after this step ..." in result.out for result in results)
    assert f"worker {stopped} (" in results[1 - stopped].out and "is asked to stop" in results[1 - stopped].out
    assert checkpoint_steps(tmp_path / "run") == [0, tiny_run.rows(tmp_path / "run")]
