"""Weights & Biases: `wandb.project = 'NAME'` sends a run there."""

import dataclasses
from typing import Annotated, Literal

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import AnyOf

_NAME = Annotated[str, AnyOf("name that the service checks")]


@configurable("wandb", module="compare_gan2.reporting")
@dataclasses.dataclass(frozen=True)
class WandbOptions:
    """Whether and how Weights & Biases gets the numbers and pictures of a run; needs `compare_gan2[wandb]`.

    Attributes:
        project: name of the project; None: nothing is sent or written.
        mode: "offline" writes into the folder `wandb` of the run, for `wandb sync`, without network or account;
            "online" sends at once and needs an account, see `wandb login`.
        entity: user or team; None for the default of the account.
    """

    project: _NAME | None = None
    mode: Literal["offline", "online"] = "offline"
    entity: _NAME | None = None

    def __post_init__(self):
        check_fields(self)


class WandbSink:
    """A run of Weights & Biases, see `Sinks`.

    Args:
        options: `WandbOptions`.
        folder: of the run.
        name: shown for the run.
        run_id: text by which a resumed run is the same one.
        config: {option: value} of the run.
    """

    def __init__(self, options, folder, name, run_id, config):
        import wandb  # here, since it is optional and takes seconds

        self._wandb = wandb
        # Its defaults would take over the console, and record code and the state of the repository.
        settings = wandb.Settings(silent=True, console="off", disable_git=True, save_code=False)
        self._run = wandb.init(
            project=options.project,
            entity=options.entity,
            name=name,
            id=run_id,
            dir=str(folder),
            mode=options.mode,
            resume="allow",
            config=config,
            settings=settings,
        )
        self._run.define_metric("*", step_metric="step")  # its own counter refuses a step that is trained again

    def scalars(self, step, values):
        self._run.log({"step": step, **values})

    def image(self, step, name, array):
        self._run.log({"step": step, name: self._wandb.Image(array)})

    def histogram(self, step, name, values):
        self._run.log({"step": step, name: self._wandb.Histogram(values)})

    def text(self, step, name, text):
        self._run.summary[name] = f"step {step}: {text}"

    def close(self):
        self._run.finish()
