"""Files of gin_configs/pretraining: they pre-train by themselves, and go before the labels of any method."""

import re

import pytest

from compare_gan2.architectures.resnet_v2 import ResNetV2Options
from compare_gan2.config.config_files import SHIPPED, shipped_names
from compare_gan2.config.configuration import parse
from compare_gan2.datasets.dataset_options import DatasetOptions
from compare_gan2.datasets.sources.folder_options import FolderOptions
from compare_gan2.pretraining.clustering import ClusteringOptions
from compare_gan2.pretraining.inferred_labels import InferredLabelsOptions
from compare_gan2.pretraining.options import PretrainOptions
from compare_gan2.pretraining.self_supervised.methods import METHODS

NAMES = sorted(path.relative_to(SHIPPED).as_posix() for path in (SHIPPED / "pretraining").glob("*.gin"))


@pytest.mark.parametrize("name", NAMES)
def test_binds_what_pretraining_reads_and_nothing_else(name):
    config = parse([name])
    config.build(DatasetOptions)
    if name.startswith("pretraining/folder"):
        config.arguments(FolderOptions, path="pictures")
    options = config.build(PretrainOptions)
    config.build(ResNetV2Options)
    config.build(METHODS[options.task]).require_batch(options.batch_size)
    assert options.compares_views and options.views is not None and not options.views.require_images((32, 32, 1))
    assert config.unused == []


@pytest.mark.parametrize("name", NAMES)
def test_header_says_paper_time_and_command(name):
    text = (SHIPPED / name).read_text()
    command = f"# Run: python -m compare_gan2.pretrain --gin_config={name}"
    assert re.search(r"^# Paper: .* et al\. \d{4}, arXiv \d{4}\.\d{5}\.$", text, re.MULTILINE)
    assert re.search(r"^# Time: .*\.$", text, re.MULTILINE)
    assert re.search(re.escape(command) + r"( --gin_bindings=\S.*)?$", text, re.MULTILINE)


def test_after_a_method_its_clusters_are_of_these_features():
    config = parse(["mnist_5k/clustering.gin", "pretraining/mnist_5k_simclr.gin"], ["clustering.num_clusters = 10"])
    assert config.build(InferredLabelsOptions).kind == "clusters"
    assert config.build(PretrainOptions).task == "simclr" and config.build(ClusteringOptions).num_clusters == 10


def test_training_does_not_offer_them():
    assert not set(NAMES) & set(shipped_names())
