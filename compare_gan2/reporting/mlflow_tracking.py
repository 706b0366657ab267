"""MLflow: `mlflow.experiment = 'NAME'` records a run there."""

import dataclasses
import os
import time
from typing import Annotated

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import AnyOf
from compare_gan2.ground.messages import log

_MOST_AT_ONCE = 100  # parameters that a server takes in one request


@configurable("mlflow", module="compare_gan2.reporting")
@dataclasses.dataclass(frozen=True)
class MlflowOptions:
    """Whether and where MLflow records the numbers and pictures of a run; needs `compare_gan2[mlflow]`.

    Attributes:
        experiment: name of the experiment; None: nothing is recorded.
        uri: of a tracking server or database, or a folder; None for MLFLOW_TRACKING_URI, else the folder `mlruns`
            beside that of the run, so that runs side by side share it.
    """

    experiment: Annotated[str, AnyOf("name that MLflow checks")] | None = None
    uri: Annotated[str, AnyOf("address that MLflow checks")] | None = None

    def __post_init__(self):
        check_fields(self)


class MlflowSink:
    """A run of MLflow, see `Sinks`; histograms are left out, which MLflow does not have.

    Args:
        options: `MlflowOptions`.
        folder: of the run.
        run_id: of the run of MLflow that is continued; None for a new one, also if it does not exist any more.
        config: {option: value} of the run.

    Attributes:
        run_id: of the run.
    """

    def __init__(self, options, folder, run_id, config):
        import mlflow  # here, since it is optional and takes seconds

        uri = options.uri or os.environ.get("MLFLOW_TRACKING_URI") or (folder.absolute().parent / "mlruns").as_uri()
        if "://" not in uri or uri.startswith("file:"):
            os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # else MLflow refuses folders and asks for this
        self._mlflow = mlflow
        self._client = mlflow.MlflowClient(tracking_uri=uri)
        experiment = self._client.get_experiment_by_name(options.experiment)
        number = experiment.experiment_id if experiment else self._client.create_experiment(options.experiment)
        if run_id is not None and not self._reopened(run_id):
            log.warning(f"mlflow.experiment: run {run_id} is not in {uri} any more, a new one is made")
            run_id = None
        if run_id is None:
            run_id = self._client.create_run(number, run_name=folder.name).info.run_id
            parameters = [mlflow.entities.Param(name, str(value)) for name, value in config.items()]
            for start in range(0, len(parameters), _MOST_AT_ONCE):
                self._client.log_batch(run_id, params=parameters[start : start + _MOST_AT_ONCE])
        self.run_id = run_id

    def _reopened(self, run_id):
        try:
            self._client.get_run(run_id)
        except self._mlflow.exceptions.MlflowException:
            return False
        self._client.update_run(run_id, status="RUNNING")
        return True

    def scalars(self, step, values):
        now = int(1000 * time.time())
        metrics = [self._mlflow.entities.Metric(name, value, now, step) for name, value in values.items()]
        self._client.log_batch(self.run_id, metrics=metrics)

    def image(self, step, name, array):
        array = array[:, :, 0] if array.shape[2] == 1 else array
        self._client.log_image(self.run_id, array, artifact_file=f"{name}/step-{step}.png")

    def histogram(self, step, name, values):
        pass

    def text(self, step, name, text):
        self._client.set_tag(self.run_id, name, f"step {step}: {text}")

    def close(self):
        self._client.set_terminated(self.run_id)
