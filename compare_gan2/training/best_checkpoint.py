"""`best.json`: the best checkpoint of a run by one metric, which stays when old checkpoints are dropped."""

import json
import pathlib

from compare_gan2.reporting import files

NAME = "best.json"


def record_best(model_dir, scores, metric, higher_is_better, steps):
    """Writes which checkpoint has the best value of a metric; the earliest of equal ones.

    Args:
        model_dir: folder of the run.
        scores: list of `Score`.
        metric: name in `Score.metric`.
        higher_is_better: which way it is better.
        steps: of the checkpoints that are there.

    Returns:
        The best `Score`, None (and nothing is written) if no checkpoint that is there has one.
    """
    valid = [score for score in scores if score.metric == metric and score.value is not None and score.step in steps]
    if not valid:
        return None
    best = min(valid, key=lambda score: (-score.value if higher_is_better else score.value, score.step))
    content = {"metric": metric, "value": best.value, "step": best.step, "checkpoint": best.checkpoint}
    with files.replacing(pathlib.Path(model_dir) / NAME) as file:
        file.write(json.dumps(content, indent=2).encode() + b"\n")
    return best


def best_step(model_dir):
    """Step that `best.json` names, None without such a file.

    Raises:
        DamagedFileError: if the file is something else.
    """
    path = pathlib.Path(model_dir) / NAME
    try:
        return int(json.loads(path.read_text())["step"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise files.DamagedFileError(f"{path}: expected the best checkpoint with its step, got {error!r}") from error
