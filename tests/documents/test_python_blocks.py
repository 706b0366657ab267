"""The Python blocks of a document run one after the other, as a reader would run them, on tiny networks."""

import re

import pytest
from support import tiny_run

from documents import shown

# Before the blocks of a document: each run is shrunk to a few steps. What a block binds itself wins.
PRELUDE = """
import compare_gan2 as cg

_train = cg.train
_TINY = {
    "options.training_steps": 4,
    "options.batch_size": 16,
    "options.architecture": "tiny_arch",
    "standing_statistics.num_samples": 64,
}


def _tiny(config, bindings=None, **options):
    if isinstance(bindings, list):  # a run that is tiny as it is shown
        return _train(config, bindings, **options)
    return _train(config, _TINY | (bindings or {}), num_eval_averaging_runs=1, **options)


cg.train = _tiny
"""
# What the commands of a document have done by then.
BEFORE = dict.fromkeys(["docs/tutorial.md", "docs/sampling.md"], 'cg.train("s3gan.gin", model_dir="runs/s3gan")\n')


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["README.md", "docs/library.md", "docs/extending.md", "docs/tutorial.md", "docs/sampling.md"]
)
def test_python_blocks(name, tmp_path):
    blocks = shown.python_blocks(shown.ROOT / name)
    script = [PRELUDE, BEFORE.get(name, "")]
    for block in blocks:
        module = re.match(r"# (\w+\.py)\n", block)  # a file of the reader's own, which later blocks import
        if module:
            (tmp_path / module.group(1)).write_text(block)
        else:
            script.append(block)
    assert len(script) > 2
    (tmp_path / "blocks.py").write_text("\n".join(script))
    done = tiny_run.result(tiny_run.start_script(tmp_path / "blocks.py", cwd=tmp_path), timeout=600)
    assert done.code == 0, done.out[-2000:] + done.err[-4000:]
    if name == "docs/library.md":
        assert "did you mean labels.fraction?" in done.out or "did you mean fraction?" in done.out
