import pytest
from support import tiny_run
from support.web_pages import Page
from support.written_run import score, write_run

from compare_gan2 import report


def refused(capsys, *arguments):
    """The one line with which the command refuses its arguments."""
    assert report.main(list(map(str, arguments))) == 2
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert line.startswith("error: ") and not printed.out
    return line


def test_report_of_a_run_is_written_into_its_folder(tmp_path, capsys):
    run = write_run(tmp_path / "a", tags=("loss/g",))
    assert report.main([str(run)]) == 0
    size = round((run / "report.html").stat().st_size / 1000)
    assert f"report: {run / 'report.html'} ({size} kB)\n" in capsys.readouterr().out
    page = Page((run / "report.html").read_text())
    assert f"compare_gan2 report {run}" in page.text
    before = (run / "report.html").read_bytes()
    assert refused(capsys, run).endswith(
        f"{run / 'report.html'} exists; choose another name, or give --force to replace it"
    )
    (run / "report.html").write_bytes(b"mine")
    assert report.main([str(run), "--force"]) == 0 and (run / "report.html").read_bytes() == before


def test_report_of_several_runs_is_written_here(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runs = [str(write_run(tmp_path / name, tags=())) for name in "ab"]
    assert report.main(runs) == 0 and (tmp_path / "report.html").exists()
    assert report.main([*runs, "--output=new/two.html"]) == 0 and (tmp_path / "new" / "two.html").exists()


def test_what_holds_no_run_is_refused(tmp_path, capsys):
    run = write_run(tmp_path / "runs" / "a")
    other = write_run(tmp_path / "b", dataset={"name": "cifar10"}, scores=[score(40, 0.1, "kid")])
    assert "got nowhere, which does not exist" in refused(capsys, "nowhere")
    assert f"runs are in {run}" in refused(capsys, tmp_path / "runs")
    assert refused(capsys) == "error: expected RUN"
    assert "twice" in refused(capsys, run, run)
    assert "expected runs that share their data or a metric" in refused(
        capsys, run, other, f"--output={tmp_path}/r.html"
    )
    assert "unknown flag --outptu; did you mean --output?" in refused(capsys, run, "--outptu=x")
    (run / "operative_config-0.gin").write_text("x = 1\n")
    assert "operative_config-0.gin: damaged or changed" in refused(capsys, run)
    assert not list(tmp_path.rglob("*.html"))


@pytest.mark.slow
def test_report_of_a_trained_run(tmp_path):
    assert tiny_run.quick(tmp_path / "a").code == 0
    assert report.main([str(tmp_path / "a")]) == 0
    page = Page((tmp_path / "a" / "report.html").read_text())
    assert page.attributes("data-step") == ["0", "3", "6"] and len(page.images) == 4
    assert "400 of 4,000 training images have a label (10\u00a0%)" in page.text and "images per second" in page.cells
    assert page.row("images per second", 1) != ["not recorded"] and "The watchdog found nothing." in page.text
    assert page.row("options.batch_size", 2) == ["16", "no default"]
