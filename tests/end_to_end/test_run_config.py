"""Ways to run the step, through the real command line."""

import pytest
import tensorflow as tf
from support import tiny_run


@pytest.mark.parametrize(
    "bound, message",
    [
        ({"run_config__accumulate_steps": 3}, "run_config.accumulate_steps: expected options.batch_size (16) to be a"),
        (
            {"run_config__accumulate_steps": 0},
            "run_config.accumulate_steps: expected a whole number from 1 to 1048576, got 0",
        ),
        (
            {"run_config__mixed_precision": "'float16'"},
            "run_config.mixed_precision: expected one of 'float32', 'mixed_",
        ),
        (
            {"run_config__jit_compile": True, "run_config__single_core": False},
            "run_config.jit_compile: expected None or",
        ),
        (
            {
                "run_config__remat": True,
                "options__architecture": "'sndcgan_arch'",
                "G__batch_norm_fn": "@batch_norm",
            },
            "run_config.remat: expected a network",
        ),
        ({"run_config__remat": True, "penalty__fn": "@wgangp_penalty"}, "differentiates twice, got penalty.fn = @wgan"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_written(bound, message, tmp_path):
    if len(tf.config.list_logical_devices("CPU")) < 2 and "run_config__jit_compile" in bound:
        pytest.skip("needs two logical devices")
    result = tiny_run.in_process(tmp_path / "run", tiny_run.TRAIN_ONLY, **bound)
    assert result.code == 2 and message in result.err, result.err
    assert not (tmp_path / "run").exists()


def test_all_of_them_together(tmp_path):
    result = tiny_run.in_process(
        tmp_path / "run",
        tiny_run.TRAIN_ONLY,
        config="mnist_5k/biggan.gin",
        run_config__accumulate_steps=2,
        run_config__mixed_precision="'mixed_bfloat16'",
        run_config__remat=True,
        options__training_steps=1,
        run_config__iterations_per_loop=1,
    )
    assert result.code == 0, result.err
    assert (tmp_path / "run" / "samples.png").exists()
