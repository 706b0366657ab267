"""Runs of a study without training: a script that leaves what a run leaves, within milliseconds."""

import sys

from compare_gan2.run_folder.scores import Score, ScoresFile

SCRIPT = """
import pathlib, sys, time
folder, config, seed, what = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
folder.mkdir(parents=True, exist_ok=True)
(folder / "starts").open("a").write("x")
print("training", config, flush=True)
if what == "fail":
    sys.exit("boom of " + config)
if what == "hang":
    (folder / "hangs").touch()
    time.sleep(600)
rows = pathlib.Path(sys.argv[5]).read_text()
(folder / "scores.csv").write_text(rows)
"""


def score(step, metric, value, seed, **changes):
    protocol = dict(num_real=1000, num_fake=1000, split="test", network="digits", weights="ema", bn_statistics="moving")
    return Score(f"model.ckpt-{step}", step, metric, value, 0.1, seed=seed, **(protocol | changes))


def command_of(tmp_path, fails=(), hangs=()):
    """Function (`PlannedRun`, folder) -> command for `run_missing`; FID is 40 untrained and 2 + seed trained.

    Args:
        tmp_path: for the script and the scores.
        fails: (config, seed)s that end with exit code 1.
        hangs: (config, seed)s that run for ten minutes.
    """
    (tmp_path / "fake_run.py").write_text(SCRIPT)

    def command(run, folder):
        key = (run.setting.config, run.seed)
        rows = tmp_path / f"scores-{run.name}.csv"
        if not rows.exists():
            ScoresFile(rows).append([score(0, "fid", 40.0, run.seed), score(8, "fid", 2.0 + run.seed, run.seed)])
        what = "fail" if key in fails else "hang" if key in hangs else "write"
        return [sys.executable, tmp_path / "fake_run.py", folder, key[0], str(run.seed), what, rows]

    return command
