"""Tasks that learn from few labels train on two replicas as on one, but for the moments of normalisation."""

import numpy as np
import pytest
from support import tiny_pretraining

from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.pretraining.make_inference import make_extractor
from compare_gan2.pretraining.training import PretrainState, pretrain
from compare_gan2.run_folder.training_log import TrainingLog


@pytest.mark.parametrize("task", ["flexmatch", "mean_teacher", "mixmatch"])
def test_losses_and_averages_are_near(tmp_path, task):
    bindings = {"few_labels__alignment": "'uniform'", "few_labels__threshold": 0.1}
    bindings |= {"pretrain__learning_rate": 1e-4, "few_labels__unlabelled_weight": 1.0}
    found = []
    for strategy in (tiny_pretraining.strategy(), get_strategy(False, num_devices=2)[0]):
        folder = tmp_path / str(strategy.num_replicas_in_sync)
        config = tiny_pretraining.bound(task, **bindings)
        extractor = make_extractor(config, tiny_pretraining.dataset(0.2), strategy, folder)
        with strategy.scope():
            model = extractor._model()
            state = PretrainState(model)
            pretrain(strategy, model, state, extractor.dataset, folder)
        values = {name: variable.numpy() for name, variable in state.variables().items()}
        found.append((TrainingLog(folder / "training.csv").read(), values))
    (one, first), (two, second) = found
    for name in ("loss/class", "loss/unlabelled"):
        np.testing.assert_allclose(two[name], one[name], rtol=0.1, atol=0.02)
    assert first.keys() == second.keys()
    weights = [name for name in first if name.startswith("teacher/") and name.endswith("kernel")]
    assert weights and all(np.allclose(first[name], second[name], atol=1e-2) for name in weights)
    if task == "flexmatch":
        assert np.mean(first["flexmatch/memory"] == second["flexmatch/memory"]) > 0.8
