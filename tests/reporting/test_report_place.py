import pathlib

import pytest
from support.written_run import write_run

from compare_gan2.ground.errors import ConfigError
from compare_gan2.reporting.report_place import report_path, require_free, require_runs


def test_one_run_has_its_report_in_its_folder():
    assert report_path(["runs/a"]) == pathlib.Path("runs/a/report.html")
    assert report_path(["runs/a", "runs/b"]) == pathlib.Path("report.html")
    assert report_path(["runs/a"], "x.html") == pathlib.Path("x.html")


def test_folders_without_a_run_are_refused(tmp_path):
    run = write_run(tmp_path / "runs" / "a")
    (tmp_path / "file").touch()
    require_runs([run])
    for path, message in [
        (tmp_path / "missing", "missing, which does not exist"),
        (tmp_path / "file", "file, which is a file"),
        (run / "samples", "samples, which has no operative_config-N.gin as every run has$"),
        (tmp_path / "runs", rf"as every run has; runs are in {run}$"),
        (tmp_path / "runs" / ".." / "runs" / "a", "different folders, got .*a twice"),
    ]:
        with pytest.raises(ConfigError, match=f"^RUN: expected .*{message}"):
            require_runs([run, path])


def test_nothing_is_replaced_unless_forced(tmp_path):
    path = tmp_path / "r.html"
    require_free(path, False)
    path.write_text("mine")
    with pytest.raises(ConfigError, match="--output: .*r.html exists; .*--force"):
        require_free(path, False)
    require_free(path, True)
    require_free(tmp_path / "new" / "r.html", False)  # its folder is made
    with pytest.raises(ConfigError, match="--output: expected a file, .* is a folder"):
        require_free(tmp_path, True)
    with pytest.raises(ConfigError, match="--output: expected a name in a folder that can be written"):
        require_free(path / "r.html", True)
    (tmp_path / "scores.csv").write_text("of a run")
    with pytest.raises(ConfigError, match="--output: expected a name that ends in .html, got .*scores.csv"):
        require_free(tmp_path / "scores.csv", True)
