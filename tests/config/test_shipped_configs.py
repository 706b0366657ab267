"""Every shipped .gin file parses, binds nothing that its run does not use, and has a short header."""

import csv
import pathlib
import re
import statistics

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from compare_gan2 import architectures
from compare_gan2.architectures import resnet_biggan
from compare_gan2.architectures.resnet_v2 import ResNetV2Options
from compare_gan2.config.config_files import SHIPPED, shipped_names
from compare_gan2.config.configuration import parse
from compare_gan2.datasets.labels.label_options import LabelOptions
from compare_gan2.datasets.open_dataset import open_dataset
from compare_gan2.gans.make_gan import model_spec
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.pretraining.clustering import ClusteringOptions
from compare_gan2.pretraining.inferred_labels import InferredLabelsOptions
from compare_gan2.pretraining.make_inference import inference_of
from compare_gan2.pretraining.options import PretrainOptions
from compare_gan2.pretraining.propagation_options import PropagationOptions
from compare_gan2.pretraining.self_supervised.methods import METHODS
from compare_gan2.runs.settings import CommandOptions, read_settings
from compare_gan2.studies.plan import FRACTION, Setting, Study, runs_of

ROOT = SHIPPED.parents[1]
PARTS = sorted(path.relative_to(SHIPPED).as_posix() for path in (SHIPPED / "parts").glob("*.gin"))
ADDED = sorted(path.relative_to(SHIPPED).as_posix() for path in (SHIPPED / "with").glob("*.gin"))
STUDIES = [name for name in shipped_names() if name.startswith("studies/")]
RUNNABLE = [name for name in shipped_names() if name not in STUDIES]
OF_PICTURES = [name for name in RUNNABLE if name.startswith(("folder/", "emoji/"))]
OF_CLOTHES = [name for name in RUNNABLE if name.startswith("fashion_mnist/")]
NO_NUMBER = ["labels.per_class = None"]
# Methods from other signals than the paper's, with their labels per class; None: they use none.
OTHER_SIGNALS = {
    "s2gan_propagation": 1,
    "s3gan_propagation": 1,
    "s3gan_co_propagation": 1,
    "s3gan_fixmatch": 40,
    "clustering_simclr": None,
}
UNSCORED = ("mnist_5k/r3gan.gin", "mnist_5k/stylegan2.gin", *(f"mnist_5k/{method}.gin" for method in OTHER_SIGNALS))
UNLABELLED = ("biggan", "single_label", "single_label_ss", "random_label", "clustering", "clustering_ss", "ssgan")
LABELLED = ("biggan_labeled_only", "s2gan", "s2gan_soft", "s3gan", "s2gan_co", "s3gan_co")
INFERRED = {
    "clustering": "clusters",
    "clustering_ss": "clusters",
    "s2gan": "hard",
    "s2gan_soft": "soft",
    "s3gan": "hard",
    **dict.fromkeys(OTHER_SIGNALS, "hard"),
    "s3gan_co_propagation": "soft",
    "clustering_simclr": "clusters",
}
# On ImageNet pre-training takes as many epochs of the labelled images, so that its schedule depends on the fraction.
SCHEDULES = {"2_5pct": 0.025, "5pct": 0.05, "20pct": 0.2}


def method_and_fraction(name):
    """("s3gan_co", 0.1) of "mnist_5k/s3gan_co.gin"; the fraction is None for a method without."""
    stem = "s3gan_co" if name in ("s3gan.gin", "s3gan_modern.gin", "folder/small.gin") else pathlib.PurePath(name).stem
    if name.startswith("folder/"):  # whose labels are the reader's
        return stem.removesuffix("_128").removeprefix("small_"), None
    if name in OF_CLOTHES:  # labels per class
        return stem, None
    for ending, fraction in SCHEDULES.items():
        if stem.endswith(f"_{ending}"):
            return stem.removesuffix(f"_{ending}"), fraction
    return stem, 0.1 if stem in LABELLED else None


def bindings_of(name):
    """{"selector.parameter": value} of all that a file binds, as text."""
    config = parse([name])
    lines = [line for line in config.text.replace("\\\n", "").splitlines() if " = " in line and line[0] != "#"]
    bound = dict(map(str.strip, line.split(" = ", 1)) for line in lines)
    assert len(bound) == len(config.bound_names)
    return bound


def header_of(name):
    """{"Run": text after "Run:"} of the lines of a file's header, its first line under ""."""
    lines = re.match(r"(#.*\n)+", (SHIPPED / name).read_text()).group(0).replace("# ", "").splitlines()
    found = {line.split(":")[0]: line.partition(": ")[2] for line in lines[1:]}
    assert len(found) == len(lines) - 1
    return {"": lines[0]} | found


@pytest.mark.parametrize("name", ADDED)
@pytest.mark.parametrize("method", ["mnist_5k/ssgan.gin", "s3gan.gin", "mnist_5k/biggan.gin"])
def test_parts_that_any_method_takes(name, method):
    bound = parse([name]).bound_names
    if "S3GAN.project_y" in bound and method != "s3gan.gin":
        pytest.skip("a part for an S3GAN")
    reads_labels = "ModularGAN.label_heads" in bound
    first = "mnist_5k/biggan.gin" if name == "with/multi_hinge.gin" else "s3gan.gin"
    if reads_labels and method == "mnist_5k/ssgan.gin" or first != "s3gan.gin" and method == "s3gan.gin":
        with pytest.raises(ConfigError, match="ModularGAN.label_heads: @"):
            made(method, name)
        return
    config = made(method, name)
    assert bound and not set(bound) & set(config.unused)
    header = header_of(name)
    assert header["Run"] == f"python -m compare_gan2.main --gin_config={first} --gin_config={name}"
    assert re.search(r"et al\. \d{4}, arXiv \d{4}\.\d{5}", header["Paper"]) and header[""].endswith(".")


def made(*names):
    """`Configuration` of files, of which a GAN was made."""
    config = parse(names)
    settings = read_settings(config, CommandOptions(model_dir="never_made"))
    spec = model_spec(config, settings.options, image_shape=(32, 32, 1), num_classes=10)
    spec.make().check_batch(num_replicas=1)
    return config


def test_there_are_the_configs_that_the_project_promises():
    datasets = ("mnist_5k", "cifar10", "imagenet128")
    promised = {f"{dataset}/{method}.gin" for dataset in datasets for method in (*UNLABELLED, *LABELLED)}
    scheduled = ("s2gan", "s2gan_soft", "s3gan")
    promised |= {f"imagenet128/{method}_{share}.gin" for method in scheduled for share in SCHEDULES}
    own = ("biggan", "s2gan", "s3gan_co", "ssgan")
    promised |= {f"folder/{method}{side}.gin" for method in own for side in ("", "_128")}
    promised |= {f"emoji/{method}.gin" for method in own} | {"folder/small.gin", "folder/small_biggan.gin"}
    clothes = ("biggan", "biggan_labeled_only", "s2gan", "s3gan", "s3gan_co")
    promised |= {f"fashion_mnist/{method}.gin" for method in clothes}
    promised |= {f"mnist_5k/{method}.gin" for method in OTHER_SIGNALS}
    promised |= {"cifar10/diffaugment_biggan.gin", "cifar10/r3gan.gin", "mnist_5k/r3gan.gin", "mnist_5k/stylegan2.gin"}
    assert set(RUNNABLE) == promised | {"s3gan.gin", "s3gan_modern.gin", "imagenet256/s3gan.gin"}


@pytest.mark.parametrize("name", [*RUNNABLE, *PARTS, *STUDIES])
def test_parses_from_any_directory(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = parse([name])
    assert config.unused == config.bound_names != []  # nothing is built yet


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Bindings of a folder with pictures in two classes."""
    root = tmp_path_factory.mktemp("pictures")
    for name in ("a", "b"):
        (root / name).mkdir()
        for number in range(12):
            values = np.random.RandomState(number).randint(0, 256, [8, 8, 3]).astype(np.uint8)
            Image.fromarray(values).save(root / name / f"{number}.png")
    return [f"folder.path = '{root}'"]


@pytest.mark.parametrize("name", RUNNABLE)
def test_binds_what_its_method_needs_and_nothing_unused(name, pictures):
    method, fraction = method_and_fraction(name)
    # Images that are made up are all of one class.
    config = parse([name], pictures if name in OF_PICTURES else NO_NUMBER if name in OF_CLOTHES else [])
    settings = read_settings(config, CommandOptions(model_dir="never_made"))
    config.arguments(feature_network)
    dataset = open_dataset(config, settings.data.name, fake=not name.startswith(("folder/", "emoji/", "mnist_5k/")))
    inferred = config.build(InferredLabelsOptions).kind
    if inferred is not None:
        for target in (PretrainOptions, ResNetV2Options, *[ClusteringOptions] * (inferred == "clusters")):
            config.build(target)
        if name in OF_CLOTHES:  # of which the fake pictures have not all classes
            config.build(PropagationOptions)
            config.build(METHODS[config.build(PretrainOptions).task])
        else:
            inference_of(config, dataset, tf.distribute.get_strategy())
    spec = model_spec(
        config, settings.options, image_shape=dataset.image_shape, num_classes=dataset.num_classes, dtype=None
    )
    gan = spec.make()
    assert config.unused == []
    assert settings.options.architecture in architectures.ARCHITECTURES
    assert gan.g_use_ema
    labels = config.build(LabelOptions)
    assert labels.fraction == (1.0 if fraction is None else fraction)
    assert labels.per_class == OTHER_SIGNALS.get(method)
    assert labels.only_labelled == (method == "biggan_labeled_only")
    assert labels.source == {"single": "single", "random": "random"}.get(method.split("_")[0], "stored")
    assert inferred == INFERRED.get(method)
    assert gan.conditional == (method != "ssgan")
    assert gan.fit_label_distribution == method.startswith(("clustering", "r3gan"))
    assert getattr(gan, "rotates", False) == (method.endswith("_ss") or method.startswith(("s3gan", "ssgan")))
    assert getattr(gan, "use_predictor", False) == ("_co" in method)
    in_network = config.bound_value(resnet_biggan.Discriminator, "project_y") is not False
    assert (in_network or getattr(gan, "project_y", False)) == (
        method not in ("ssgan", "single_label", "single_label_ss")
    )


@pytest.mark.parametrize("name", OF_CLOTHES)
def test_few_labels_of_clothes_are_a_number_per_class(name):
    found = parse([name]).build(LabelOptions)
    assert found.per_class == (10 if pathlib.PurePath(name).stem in LABELLED else None)
    assert parse([name], ["labels.per_class = 1"]).build(LabelOptions).per_class == 1


def test_no_two_files_differ_only_in_the_label_fraction():
    seen = {}
    for name in RUNNABLE:
        bound = bindings_of(name)
        bound.pop(FRACTION, None)
        seen.setdefault(tuple(sorted(bound.items())), []).append(name)
    assert [names for names in seen.values() if len(names) > 1] == [["mnist_5k/s3gan_co.gin", "s3gan.gin"]]


def test_s3gan_is_one_include():
    lines = [line for line in (SHIPPED / "s3gan.gin").read_text().splitlines() if not line.startswith("#")]
    assert lines == ["include 'mnist_5k/s3gan_co.gin'"]
    assert parse(["s3gan.gin"]).text == parse(["mnist_5k/s3gan_co.gin"]).text


@pytest.mark.parametrize("name", [name for name in RUNNABLE if method_and_fraction(name)[1] is not None])
def test_any_other_fraction_is_a_binding(name):
    config = parse([name], [f"{FRACTION} = 0.07"])
    assert config.build(LabelOptions).fraction == 0.07


@pytest.mark.parametrize("method", [method for method, count in OTHER_SIGNALS.items() if count])
def test_any_other_number_per_class_is_a_binding(method):
    config = parse([f"mnist_5k/{method}.gin"], ["labels.per_class = 4"])
    assert config.build(LabelOptions).per_class == 4


@pytest.mark.parametrize("ending, fraction", SCHEDULES.items())
def test_imagenet_pretrains_for_as_many_epochs_of_the_labelled_images(ending, fraction):
    """Two hundred of them, each as many updates as the labelled images fill batches."""
    tenth, other = (parse([f"imagenet128/s3gan{end}.gin"]).build(PretrainOptions) for end in ("", f"_{ending}"))
    scale = fraction / 0.1
    assert other.training_steps == tenth.training_steps * scale
    assert other.warmup_steps == tenth.warmup_steps * scale
    assert list(other.decay_steps) == [step * scale for step in tenth.decay_steps]


@pytest.mark.parametrize("name", RUNNABLE)
def test_header_says_paper_score_time_and_command_in_a_line_each(name):
    header = header_of(name)
    assert re.search(r"et al\. \d{4}, arXiv \d{4}\.\d{5}", header.pop("Paper"))
    tpu, data = ("--use_tpu ", " --tfds_data_dir=...") if name.startswith("imagenet") else ("", "")
    data = """ --gin_bindings="folder.path = 'pictures'\"""" if name.startswith("folder/") else data
    assert header.pop("Run") == f"python -m compare_gan2.main {tpu}--gin_config={name}{data}"
    assert header.pop("").endswith(".")
    if name.startswith("cifar10/"):
        assert header.pop("Score, time").startswith("unknown, not run here")
    else:
        assert header.pop("Time").endswith(".")
        score = header.pop("Score", "FID")
        assert re.match("FID|best|unknown, ", score) and (name not in UNSCORED or score.startswith("unknown, "))
    assert (header.pop("Data", None) is not None) == name.startswith(("emoji/", "fashion_mnist/"))
    others = header.pop("Other fractions, with other pre-training", None)
    assert (others is not None) == (f"{name.removesuffix('.gin')}_5pct.gin" in RUNNABLE) and not header


@pytest.mark.parametrize(
    ("name", "results", "step"),
    [
        *((n, "fewer_labels", 2000) for n in RUNNABLE if n.startswith("mnist_5k/") and n not in UNSCORED),
        ("s3gan_modern.gin", "modern", 2800),
    ],
)
def test_scores_in_headers_are_those_of_the_results(name, results, step):
    (score,) = re.findall(r"FID (\S+ ± \S+) over three seeds, see docs/results.md", header_of(name)["Score"])
    with open(ROOT / "results" / f"{results}.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["config"], row["metric"]) == (name, "fid")]
    last = [row for row in rows if row["step"] == str(step) and row["bindings"] in ("", f"{FRACTION} = 0.1")]
    values = [float(row["value"]) for row in last]
    assert len(values) == 3
    assert score == f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"


@pytest.mark.parametrize("name", STUDIES)
def test_study_names_configs_that_exist(name):
    config = parse([name])
    study = config.build(Study)
    assert config.unused == []
    for config in study.configs:
        method, *parts = Setting(config).files
        assert method in RUNNABLE and set(parts) <= set(ADDED)
        made(method, *parts)
    assert study.seeds and pathlib.Path(study.results).suffix == ".csv"
    text = (SHIPPED / name).read_text()
    assert f"# Run: python -m compare_gan2.study --gin_config={name}\n" in text
    assert f"{len(runs_of(study))} runs" in text


def test_every_part_is_included_somewhere():
    text = "".join((SHIPPED / name).read_text() for name in (*RUNNABLE, *PARTS))
    assert {name for name in PARTS if f"include '{name}'" not in text} == set()
