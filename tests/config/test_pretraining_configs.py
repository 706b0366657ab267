"""Files of gin_configs/pretraining: they pre-train by themselves, and go with every method that infers labels."""

import re

import pytest
import tensorflow as tf

from compare_gan2.architectures.resnet_v2 import ResNetV2Options
from compare_gan2.config.config_files import SHIPPED, shipped_names
from compare_gan2.config.configuration import parse
from compare_gan2.datasets.dataset_options import DatasetOptions
from compare_gan2.datasets.labels.label_options import LabelOptions
from compare_gan2.datasets.open_dataset import open_dataset
from compare_gan2.datasets.sources.folder_options import FolderOptions
from compare_gan2.pretraining.clustering import ClusteringOptions
from compare_gan2.pretraining.few_label_options import FewLabelOptions
from compare_gan2.pretraining.inferred_labels import InferredLabelsOptions
from compare_gan2.pretraining.make_inference import inference_of
from compare_gan2.pretraining.options import PretrainOptions
from compare_gan2.pretraining.self_supervised.methods import METHODS

INFERRED = {
    "s2gan": "hard",
    "s2gan_soft": "soft",
    "s3gan": "hard",
    "clustering": "clusters",
    "clustering_ss": "clusters",
}
NAMES = sorted(path.relative_to(SHIPPED).as_posix() for path in (SHIPPED / "pretraining").glob("*.gin"))


@pytest.mark.parametrize("name", NAMES)
def test_binds_what_pretraining_reads_and_nothing_else(name):
    config = parse([name])
    config.build(DatasetOptions)
    if name.startswith("pretraining/folder"):
        config.arguments(FolderOptions, path="pictures")
    options = config.build(PretrainOptions)
    config.build(ResNetV2Options)
    if options.learns_from_few:
        assert config.build(FewLabelOptions).views and config.build(LabelOptions).changes
    else:
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


SIGNALS = {  # a file that follows a method, and what the labels of classes need beside it
    "parts/pretrain_mnist_5k.gin": [],
    "pretraining/mnist_5k_simclr.gin": ["inferred_labels.method = 'propagation'"],
    "pretraining/mnist_5k_fixmatch.gin": [],
}


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("method", ["s2gan", "s2gan_soft", "s3gan", "clustering", "clustering_ss"])
def test_every_method_takes_every_signal(tmp_path, method, signal):
    of_clusters = method.startswith("clustering")
    bindings = [f"inferred_labels.cache_dir = '{tmp_path}'", "labels.fraction = 1.0"]
    bindings += [f"labels.per_class = {None if of_clusters and 'fixmatch' not in signal else 4}"]
    bindings += [] if of_clusters else SIGNALS[signal]
    config = parse([f"mnist_5k/{method}.gin", signal], bindings)
    inference = inference_of(config, open_dataset(config, "mnist_5k"), tf.distribute.get_strategy())
    assert inference.kind == INFERRED[method] and not list(tmp_path.iterdir())  # checked, nothing is computed
    assert inference.extractor.options == config.build(PretrainOptions)


def test_training_does_not_offer_them():
    assert not set(NAMES) & set(shipped_names())
