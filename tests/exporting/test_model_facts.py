"""What a run has recorded, without what belongs to its machine."""

import types

import numpy as np

from compare_gan2.config.configuration import parse
from compare_gan2.exporting.model_facts import ModelFacts, _configuration, facts_of
from compare_gan2.run_folder.dataset_record import DatasetRecord
from compare_gan2.run_folder.model_directory import ModelDirectory
from compare_gan2.run_folder.scores import Score, ScoresFile


def test_a_configuration_without_places_of_the_machine(tmp_path):
    resolved = {
        "options.z_dim": "8",
        "folder.path": "'/home/me/photos'",
        "folder.cache_dir": "None",
        "replace_labels.file_pattern": "'/home/me/labels*'",
        "--tfds_data_dir": "'/home/me/data'",
    }
    directory = ModelDirectory(tmp_path)
    directory.record(0, resolved)
    text = _configuration(directory, ["options.z_dim = 9"])
    assert "/home/me" not in text and "# folder.path: left out, a place on the machine of the run\n" in text
    assert "options.z_dim = 8\n" in text and text.endswith("# Bound when the model was exported:\noptions.z_dim = 9\n")
    parse([], [line for line in text.splitlines() if not line.startswith("#")])


def test_saved_networks_have_few_facts(conditional):
    facts = facts_of(conditional, "name", None)
    count = sum(int(np.prod(variable.shape)) for variable in conditional.generator.trainable_variables)
    assert facts == ModelFacts("name", None, None, "tiny_architecture", count)
    assert facts.as_json()["parameters"] == count and "dataset" not in facts.as_json()


def test_facts_of_a_run(conditional, tmp_path):
    rows = [
        Score(f"model.ckpt-{step}", step, "fid", float(step), 0.0, 9, 9, "test", "digits", "ema", "standing_640", 0)
        for step in (2, 4)
    ]
    ScoresFile(tmp_path / "scores.csv").append(rows)
    ModelDirectory(tmp_path).record(0, {"options.z_dim": "8"})
    dataset = DatasetRecord("photos", (8, 8, 3), 3, num_train=40, num_labelled=4)
    known = {"model_dir": tmp_path, "dataset": dataset, "bindings": (), "gan": types.SimpleNamespace()}
    sampler = types.SimpleNamespace(**known, standing_samples=640, needs_standing_statistics=True)
    facts = facts_of(types.SimpleNamespace(sampler=sampler, generator=conditional.generator, step=4), "a", "mit")
    assert facts.scores == (rows[1],) and facts.dataset is dataset and facts.statistics == "standing_640"
    assert facts.configuration == "options.z_dim = 8\n" and facts.gan == "SimpleNamespace"
    assert facts.as_json()["dataset"] == {"name": "photos", "num_train": 40, "num_labelled": 4}
