"""`best.json`: the best checkpoint of a run by one metric, which is kept when old checkpoints are dropped."""

import json
import pathlib

from compare_gan2.ground import json_text, sealed_files
from compare_gan2.ground.errors import DamagedFileError

NAME = "best.json"
WAY_OUT = "delete it: the command that trains and scores writes it again from the scores"


def record_best(model_dir, scores, metric, higher_is_better, steps):
    """Best `Score` of a metric, after writing its checkpoint to `best.json`; of equal ones the earliest.

    Args:
        model_dir: folder of the run.
        scores: list of `Score`.
        metric: name in `Score.metric`.
        higher_is_better: whether higher values are better.
        steps: steps of the existing checkpoints; scores of others are ignored.

    Returns:
        The best `Score`; None, and nothing is written, if no existing checkpoint has a value.

    Raises:
        OSError: if the file cannot be written.
    """
    valid = [score for score in scores if score.metric == metric and score.value is not None and score.step in steps]
    if not valid:
        return None
    best = min(valid, key=lambda score: (-score.value if higher_is_better else score.value, score.step))
    content = {"metric": metric, "value": best.value, "step": best.step, "checkpoint": best.checkpoint}
    sealed_files.write(pathlib.Path(model_dir) / NAME, json.dumps(content, indent=2).encode() + b"\n")
    return best


def best_step(model_dir):
    """Step that `best.json` names; None if the file is missing.

    Raises:
        DamagedFileError: if the file holds anything else.
    """
    path = pathlib.Path(model_dir) / NAME
    try:
        return int(json_text.parsed(sealed_files.read(path, WAY_OUT))["step"])
    except FileNotFoundError:
        return None
    except DamagedFileError:
        raise
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise DamagedFileError(
            f"{path}: expected the best checkpoint with its step, got {error!r}; {WAY_OUT}"
        ) from error
