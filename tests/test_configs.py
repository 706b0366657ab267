"""Every .gin file in the repository parses, names what exists, and binds nothing that its run does not use."""

import pathlib
import re

import pytest
import tiny_run

from compare_gan2 import architectures, configuration, gin_names
from compare_gan2.architectures import resnet_biggan
from compare_gan2.datasets import DatasetOptions, get_dataset
from compare_gan2.datasets.labels import LabelOptions
from compare_gan2.datasets.latents import EvaluationLabels, EvaluationLatents, TrainingLatents
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.gans.s3gan import S3GAN
from compare_gan2.gans.ssgan import SSGAN
from compare_gan2.metrics.feature_networks import feature_network
from compare_gan2.options import EvaluationOptions, Options, RunConfig, StandingStatistics
from compare_gan2.pretraining.clustering import ClusteringOptions
from compare_gan2.pretraining.inferred_labels import InferredLabelsOptions
from compare_gan2.pretraining.options import PretrainOptions
from compare_gan2.pretraining.resnet_v2 import ResNetV2Options
from compare_gan2.session import RunFlags, Session
from compare_gan2.study import Study

assert gin_names.MODULES
GIN_CONFIGS = tiny_run.ROOT / "gin_configs"
ALL = sorted(str(path.relative_to(GIN_CONFIGS)) for path in GIN_CONFIGS.rglob("*.gin"))
PARTS = [name for name in ALL if name.startswith("parts/")]
STUDIES = [name for name in ALL if name.startswith("studies/")]
RUNNABLE = [name for name in ALL if name not in {*PARTS, *STUDIES}]
# Narrow networks whose weights cost little to draw, on any number of devices: published sizes have tests of their own.
SMALL = (
    "resnet_biggan.Generator.ch = 8",
    "resnet_biggan.Discriminator.ch = 8",
    "weights.initializer = 'normal'",
    "run_config.single_core = True",
)
# Networks are built once for each (architecture, GAN class, order of updates); these configs stand for all.
BUILT = {ModularGAN: "mnist_5k/biggan.gin", S3GAN: "s3gan.gin", SSGAN: "mnist_5k/ssgan.gin"}
UNLABELLED = ("biggan", "single_label", "single_label_ss", "random_label", "clustering", "clustering_ss", "ssgan")
LABELLED = ("biggan_labeled_only", "s2gan", "s2gan_soft", "s3gan", "s2gan_co", "s3gan_co")
FRACTIONS = {"2_5pct": 0.025, "5pct": 0.05, "10pct": 0.1, "20pct": 0.2}
METHODS = {*UNLABELLED, *(f"{method}_{fraction}" for method in LABELLED for fraction in FRACTIONS)}


def parse(name, bindings=()):
    configuration.parse([name], bindings, search_paths=[GIN_CONFIGS])


def method_and_fraction(name):
    """("s3gan_co", 0.1) of "mnist_5k/s3gan_co_10pct.gin"; the fraction is None where the name has none."""
    method, suffix, share = re.fullmatch(r"(.*?)(_((?:\d+_)?\d+)pct)?", pathlib.PurePath(name).stem).groups()
    return method, float(share.replace("_", ".")) / 100 if suffix else None


def without_networks(name):
    """(GAN, kind of inferred labels, bound names that nothing but networks reads) of a config on fake data."""
    parse(name)
    options = configuration.build(Options)
    for target in (RunConfig, StandingStatistics, EvaluationOptions, TrainingLatents, EvaluationLatents):
        configuration.build(target)
    configuration.build(EvaluationLabels)
    configuration.arguments(feature_network)
    dataset = get_dataset(configuration.build(DatasetOptions).name, fake=True)
    inferred = configuration.build(InferredLabelsOptions).kind
    if inferred is not None:
        for target in (PretrainOptions, ResNetV2Options, *[ClusteringOptions] * (inferred == "clusters")):
            configuration.build(target)
    gan = configuration.build(
        options.gan_class, options=options, image_shape=dataset.image_shape, num_classes=dataset.num_classes
    )
    return gan, inferred, set(configuration.unused_bindings())


@pytest.fixture(scope="module")
def read_by_networks(tmp_path_factory):
    """{GAN class: names that whole sessions with narrow networks have read}."""
    folder = tmp_path_factory.mktemp("configs") / "never_made"
    used = {}
    for gan_class, name in BUILT.items():
        parse(name, SMALL)
        bound = set(configuration.unused_bindings())
        Session(RunFlags(model_dir=str(folder)))
        assert configuration.unused_bindings() == []
        used[gan_class] = bound
    assert not folder.exists()
    return used


def test_there_are_the_configs_that_the_project_promises():
    promised = {f"{dataset}/{method}.gin" for dataset in ("mnist_5k", "cifar10", "imagenet128") for method in METHODS}
    assert set(RUNNABLE) == promised | {"s3gan.gin", "imagenet256/s3gan_10pct.gin"}


@pytest.mark.parametrize("name", ALL)
def test_parses_from_any_directory(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parse(name)
    assert configuration.unused_bindings()  # nothing is built yet: whatever it binds is listed


INFERRED = {
    "clustering": "clusters",
    "clustering_ss": "clusters",
    "s2gan": "hard",
    "s2gan_soft": "soft",
    "s3gan": "hard",
}


@pytest.mark.parametrize("name", RUNNABLE)
def test_binds_what_its_method_needs_and_nothing_unused(name, read_by_networks):
    method, fraction = method_and_fraction("s3gan_co_10pct" if name == "s3gan.gin" else name)
    gan, inferred, unused = without_networks(name)
    assert unused <= read_by_networks[type(gan)]
    assert gan.options.architecture in architectures.ARCHITECTURES
    assert gan.g_use_ema
    labels = configuration.build(LabelOptions)
    assert labels.fraction == (1.0 if fraction is None else fraction)
    assert labels.only_labelled == (method == "biggan_labeled_only")
    assert labels.source == {"single": "single", "random": "random"}.get(method.split("_")[0], "stored")
    assert inferred == INFERRED.get(method)
    assert gan.conditional == (method != "ssgan")
    assert gan.fit_label_distribution == method.startswith("clustering")
    assert getattr(gan, "rotates", False) == (method.endswith("_ss") or method.startswith(("s3gan", "ssgan")))
    assert getattr(gan, "use_predictor", False) == method.endswith("_co")
    in_network = configuration.bound_value(resnet_biggan.Discriminator, "project_y") is not False
    assert (in_network or getattr(gan, "project_y", False)) == (
        method not in ("ssgan", "single_label", "single_label_ss")
    )


@pytest.mark.parametrize("name", RUNNABLE)
def test_header_says_paper_expectation_hardware_and_command(name):
    header = re.match(r"(#.*\n)+", (GIN_CONFIGS / name).read_text()).group(0).replace("\n# ", " ")
    for part in ("et al.", "Expected:", "Hardware and time:", f"--gin_config=gin_configs/{name}"):
        assert part in header, part


@pytest.mark.parametrize("name", STUDIES)
def test_study_names_configs_that_exist(name):
    parse(name)
    study = configuration.build(Study)
    assert set(study.configs) <= set(RUNNABLE)
    assert study.seeds and pathlib.Path(study.results).suffix == ".csv"
    assert configuration.unused_bindings() == []


def test_every_part_is_included_somewhere():
    text = "".join((GIN_CONFIGS / name).read_text() for name in (*RUNNABLE, *PARTS))
    assert {name for name in PARTS if f"include '{name}'" not in text} == set()
