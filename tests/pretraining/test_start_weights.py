import numpy as np
import pytest
from support.tiny_pretraining import extractor

from compare_gan2.ground.errors import ConfigError


def with_start(folder, **bindings):
    return extractor(folder.parent / "cache", "fixmatch", few_labels__start=repr(str(folder)), **bindings)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "rotation"
    extractor(folder, "rotation", folder=folder, pretrain__training_steps=1).train()
    return folder


def test_training_starts_from_the_weights(trained):
    made = with_start(trained)
    model = made._model()
    model.start_from(trained)
    expected = extractor(trained, "rotation", folder=trained, pretrain__training_steps=1).restored()
    for weight, other in zip(model.extractor.variables, expected.extractor.variables, strict=True):
        assert np.array_equal(weight, other)
    averages = list(model.average.variables().values())
    assert np.array_equal(averages[0], expected.extractor.variables[0])
    assert made.folder.name != extractor(trained.parent / "cache", "fixmatch").folder.name


def test_what_counts_is_the_content_and_not_the_place(trained, tmp_path):
    import shutil

    shutil.copytree(trained, tmp_path / "copy")
    assert with_start(trained).folder.name == with_start(tmp_path / "copy").folder.name


def test_folders_that_hold_no_such_extractor(trained, tmp_path):
    with pytest.raises(ConfigError, match="few_labels.start: expected the folder of a run of 'compare_gan2 pretrain'"):
        with_start(tmp_path)
    with pytest.raises(ConfigError, match="few_labels.start: expected an extractor with resnet_v2 .*width=5.*width=4"):
        with_start(trained, resnet_v2__width=5)
    (tmp_path / "inputs.json").write_bytes((trained / "inputs.json").read_bytes())
    with pytest.raises(ConfigError, match="few_labels.start: expected an extractor that is trained to its end"):
        with_start(tmp_path)
