"""From a configuration to the extractor and the labels that it binds."""

import pytest
from support.tiny_pretraining import bound, dataset, strategy

from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining.make_inference import inference_of, make_extractor


def inferred(task="s2l", kind="'hard'", **bindings):
    return inference_of(bound(task, inferred_labels__kind=kind, **bindings), dataset(), strategy())


def test_no_kind_no_inference():
    config = bound("s2l")
    assert inference_of(config, dataset(), strategy()) is None
    assert not any(name.startswith("pretrain.") for name in config.record)  # which a run without it does not record


@pytest.mark.parametrize(
    "task, kind, classes, is_soft",
    [("s2l", "'hard'", 3, False), ("supervised", "'soft'", 3, True), ("rotation", "'clusters'", 3, False)],
)
def test_the_labels_that_are_to_come(task, kind, classes, is_soft):
    made = inferred(task, kind)
    announced = made.announced
    assert (announced.num_classes, announced.soft) == (classes, is_soft)
    assert made.description == f"{made.kind}, inferred by {task} with {0 if task == 'rotation' else 30} labels"


def test_options_reach_the_extractor(tmp_path):
    extractor = make_extractor(
        bound("s2l", pretrain__seed=7, resnet_v2__width=6), dataset(), strategy(), folder=tmp_path / "mine"
    )
    assert (extractor.options.seed, extractor.network_options.width) == (7, 6)
    assert extractor.folder == tmp_path / "mine" and not extractor.folder.exists()
    cached = make_extractor(bound("s2l", inferred_labels__cache_dir=repr(str(tmp_path))), dataset(), strategy())
    assert cached.folder.parent == tmp_path


@pytest.mark.parametrize(
    "bindings, message",
    [
        ({"labels__only_labelled": True}, "labels.only_labelled: with inferred_labels.kind every image has a label"),
        (
            {"replace_labels__file_pattern": "'x'"},
            "replace_labels.file_pattern: expected None beside",
        ),
        ({"labels__source": "'single'"}, "labels.source: hard labels are inferred from stored ones, expected 'stored'"),
        (
            {"task": "rotation"},
            "inferred_labels.kind: hard labels need a pretrain.task that reads labels, .*, got rotation; "
            "or inferred_labels.method = .propagation.",
        ),
    ],
)
def test_other_options_that_name_other_labels(bindings, message):
    with pytest.raises(ConfigError, match=message):
        inferred(**bindings)
