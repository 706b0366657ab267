"""What a report draws from the folders of its runs."""

import pytest

from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs import load_run
from compare_gan2.studies.archive import StudyArchive
from compare_gan2.studies.plan import PlannedRun, Setting


def test_modules_of_the_studys_own_configurations_are_named(tmp_path, monkeypatch):
    (tmp_path / "mine.gin").write_text("import of_mine\n")
    asked = []

    def load(folder, bindings):
        asked.append((folder, bindings))
        raise ConfigError("no run")

    monkeypatch.setattr(load_run, "load_sampler", load)
    arguments = ("import bound", "options.z_dim = 3")
    for config in (tmp_path / "mine.gin", tmp_path / "gone.gin"):
        run = PlannedRun(Setting(str(config)), 0, arguments, "name")
        with pytest.raises(ConfigError, match="no run"):
            StudyArchive(tmp_path / "results.csv").picture([run], tmp_path)
    folder = tmp_path / "name"
    assert asked == [(folder, ["import of_mine", "import bound"]), (folder, ["import bound"])]
