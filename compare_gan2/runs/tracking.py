"""The sinks that a configuration binds, ready to be opened in the folder of its run."""

import ast
import uuid

from compare_gan2.reporting.mlflow_tracking import MlflowSink
from compare_gan2.reporting.sinks import Sinks, require_package
from compare_gan2.reporting.weights_and_biases import WandbSink
from compare_gan2.run_folder.tracking_ids import TrackingIds


def sinks_of(settings, path, values):
    """`Sinks` of a run; nothing is opened.

    Args:
        settings: `Settings`.
        path: folder of the run.
        values: function () -> {option: value} of the full configuration.

    Raises:
        MissingPackageError: for a sink whose package is not installed.
    """
    ids, makers = TrackingIds(path), {}

    def open_wandb():
        name = ids.get("wandb")
        if name is None:
            name = uuid.uuid4().hex[:12]
            ids.record("wandb", name)
        return WandbSink(settings.wandb, path, path.name, name, values())

    def open_mlflow():
        known = ids.get("mlflow")
        sink = MlflowSink(settings.mlflow, path, known, values())
        if sink.run_id != known:
            ids.record("mlflow", sink.run_id)
        return sink

    if settings.wandb.project is not None:
        require_package("wandb.project", "wandb", "wandb")
        makers["wandb.project"] = open_wandb
    if settings.mlflow.experiment is not None:
        require_package("mlflow.experiment", "mlflow", "mlflow")
        makers["mlflow.experiment"] = open_mlflow
    return Sinks(makers)


def plain_values(texts):
    """{option: number, truth value or text} from {option: gin text}, without flags and what names places on disks.

    Args:
        texts: {name: gin text}.
    """
    values = {}
    for name, text in texts.items():
        if name.startswith(("--", "wandb.", "mlflow.")) or name.endswith((".cache_dir", ".path", ".uri")):
            continue
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError):  # a reference, such as @hinge
            value = text
        values[name] = value if isinstance(value, (bool, int, float, str)) else text
    return values
