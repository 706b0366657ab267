import inspect

import pytest

from compare_gan2.distribution.no_outputs import NoOutputs
from compare_gan2.ground.progress import Progress
from compare_gan2.reporting.tensorboard import EventWriter
from compare_gan2.run_folder.checkpoints import Checkpoints
from compare_gan2.run_folder.training_log import TrainingLog


@pytest.mark.parametrize(
    "output, methods",
    [(Checkpoints, ["save"]), (TrainingLog, ["append"]), (EventWriter, ["scalars", "flush"]), (Progress, ["update"])],
)
def test_they_can_be_called_in_place_of_each_output(output, methods):
    for name in methods:
        arguments = len(inspect.signature(getattr(output, name)).parameters) - 1
        assert getattr(NoOutputs(), name)(*[None] * arguments) is None
