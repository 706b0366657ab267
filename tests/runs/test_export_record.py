"""`export.json` is read back as it was written, or refused."""

import functools
import json
import types

import pytest

from compare_gan2.datasets.latents import EvaluationLatents, normal, truncated_normal, uniform
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.runs.export_record import NAME, ExportRecord, read, write


@pytest.mark.parametrize(
    "latents",
    [
        EvaluationLatents(normal, stddev=0.5),
        EvaluationLatents(uniform, minval=-2.0, maxval=3.0),
        EvaluationLatents(truncated_normal),
    ],
)
def test_a_record_is_read_as_it_was_written(tmp_path, latents):
    record = ExportRecord(latents, ("a", "b"), (0.25, 0.75), 7, "ema", {"z_dim": 3})
    write(tmp_path, record)
    assert read(tmp_path) == record
    write(tmp_path, ExportRecord(latents, None, None, None, "raw"))
    assert read(tmp_path) == ExportRecord(latents, None, None, None, "raw")


def test_bound_parameters_of_a_distribution(tmp_path):
    latents = EvaluationLatents(functools.partial(normal, mean=0.5), stddev=2.0)
    write(tmp_path, ExportRecord(latents, None, None, None, "raw"))
    found = read(tmp_path).latents
    assert found.description == latents.description and found.distribution_fn.keywords == {"mean": 0.5}


def test_latents_that_only_the_run_knows(tmp_path):
    own = {"distribution_fn": lambda shape, stateless_seed: normal(shape, stateless_seed), "description": "mine()"}
    latents = types.SimpleNamespace(**own, minval=-1.0, maxval=1.0, stddev=1.0)
    write(tmp_path, ExportRecord(latents, None, None, None, "raw"))
    with pytest.raises(ConfigError, match=r"draws its latents by mine\(\), which only its run knows"):
        read(tmp_path)


def test_no_record(tmp_path):
    assert read(tmp_path) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.pop("latents"),
        lambda value: value.update(latents=5),
        lambda value: value["latents"].update(distribution="os.system"),
        lambda value: value.update(class_names=5),
        lambda value: value.update(distribution=["x"]),
    ],
)
def test_another_content_is_refused(tmp_path, change):
    write(tmp_path, ExportRecord(EvaluationLatents(normal), None, None, 3, "ema"))
    value = json.loads((tmp_path / NAME).read_text())
    change(value)
    (tmp_path / NAME).write_text(json.dumps(value))
    with pytest.raises(DamagedFileError, match="export.json: expected the record of an export, .*; export the run"):
        read(tmp_path)
    (tmp_path / NAME).write_text("[")
    with pytest.raises(DamagedFileError, match="export.json: cannot be read .*; export the run again"):
        read(tmp_path)
