"""Rows of a config that was changed under its name, or of other pictures, are not averaged with later ones."""

import json

import pytest
from support.fake_study import command_of

from compare_gan2.ground.errors import ConfigError
from compare_gan2.studies import conduct, runs
from compare_gan2.studies.made_of import digest_of_config, digest_of_data, require_same_data
from compare_gan2.studies.plan import Setting, Study
from compare_gan2.studies.results import read_results

BEFORE = "include 'part.gin'\noptions.z_dim = 8\n"


@pytest.fixture
def config(tmp_path):
    """Path of a config, which includes another file."""
    (tmp_path / "part.gin").write_text("options.batch_size = 4\n")
    (tmp_path / "mine.gin").write_text(BEFORE)
    return tmp_path / "mine.gin"


@pytest.mark.parametrize(
    ("name", "text", "is_same"),
    [
        ("mine.gin", f"# a comment\n{BEFORE}\n  options.training_steps = 7\nwatchdog.enabled = False\n", True),
        ("mine.gin", BEFORE.replace("8", "9"), False),
        ("part.gin", "options.batch_size = 5\n", False),
        ("mine.gin", f"{BEFORE}options.seed = 3\n", False),
    ],
)
def test_what_a_config_binds_counts(config, name, text, is_same):
    before = digest_of_config(Setting(str(config)))
    (config.parent / name).write_text(text)
    assert (digest_of_config(Setting(str(config))) == before) is is_same and len(before) == 16


def test_a_study_goes_on_only_with_the_same_configs(tmp_path, config, monkeypatch):
    """Seeds before and after the change were averaged, and with all seeds done the table was of the old config."""
    made, results = runs.run_missing, tmp_path / "r.csv"
    monkeypatch.setattr(runs, "run_missing", lambda *given: made(*given, command_of(tmp_path)))
    study = lambda *seeds: Study(configs=[str(config)], seeds=list(seeds), results=str(results))  # noqa: E731
    assert not conduct.run_what_is_missing(study(0), tmp_path / "runs")
    assert {row["config_digest"] for row in read_results(results)} == {digest_of_config(Setting(str(config)))}
    config.write_text(BEFORE.replace("8", "9"))
    message = r"^study.configs: .*mine.gin does not bind what it bound when its rows in .*r.csv were made \(seed 0\); "
    for refused in (
        lambda: conduct.run_what_is_missing(study(0, 1), tmp_path / "runs"),
        lambda: conduct.write_report(study(0), tmp_path / "runs", "study"),
    ):
        with pytest.raises(ConfigError, match=message):
            refused()
    config.write_text(f"# restored\n{BEFORE}")
    assert not conduct.run_what_is_missing(study(0, 1), tmp_path / "runs")
    assert len(read_results(results)) == 4


def test_seeds_of_one_setting_have_the_same_pictures(tmp_path):
    facts = {"image_shape": [8, 8, 3], "class_names": ["a", "b"], "label_distribution": None}
    facts |= {"name": "folder:a", "num_classes": 2, "labels_are_classes": True, "num_train": 1, "num_labelled": 1}
    digests = []
    for images, labels in (("x", "u"), ("x", "v"), ("y", "u")):
        content = {"train images": images, "test images": "z", "train labels": labels}
        (tmp_path / "dataset.json").write_text(json.dumps(facts | {"fingerprint": "f", "content": content}))
        digests.append(digest_of_data(tmp_path))
    assert digests[0] == digests[1] != digests[2] and digest_of_data(tmp_path / "none") == ""
    row = {"config": "a.gin", "bindings": "", "dataset": "folder:a"}
    rows = [row | {"seed": str(seed), "data_digest": digest} for seed, digest in enumerate(digests)]
    require_same_data([*rows[:2], row | {"seed": "7", "data_digest": ""}], "r.csv")
    with pytest.raises(ConfigError, match="r.csv: the pictures of folder:a changed .* of a.gin: seeds 0, 1 and 2 have"):
        require_same_data(rows, "r.csv")
