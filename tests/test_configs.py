"""Every .gin file in the repository parses, names what exists, and binds nothing that its run does not use."""

import pathlib
import re

import pytest
import tiny_run

from compare_gan2 import architectures, configuration, gin_names, run
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.gans.s3gan import S3GAN
from compare_gan2.study import Study

assert gin_names.MODULES
GIN_CONFIGS = tiny_run.ROOT / "gin_configs"
ALL = sorted(str(path.relative_to(GIN_CONFIGS)) for path in GIN_CONFIGS.rglob("*.gin"))
PARTS = [name for name in ALL if name.startswith("parts/")]
STUDIES = [name for name in ALL if name.startswith("studies/")]
RUNNABLE = [name for name in ALL if name not in {*PARTS, *STUDIES}]
# Narrow networks, on any number of devices: the published sizes have tests of their own.
SMALL = (
    "resnet_biggan.Generator.ch = 8",
    "resnet_biggan.Discriminator.ch = 8",
    "run_config.single_core = True",
)


def parse(name, bindings=()):
    configuration.parse([name], bindings, search_paths=[GIN_CONFIGS])


@pytest.fixture(scope="module", params=RUNNABLE)
def session(request, tmp_path_factory):
    """(name, options as bound, `Session` of the config with narrow networks and, but for the digits, fake data)."""
    parse(request.param)
    options = configuration.build(run.Options)
    parse(request.param, SMALL)
    fake = not request.param.startswith("mnist_5k/") and request.param != "s3gan.gin"
    folder = tmp_path_factory.mktemp("configs") / "never_made"
    made = run.Session(run.RunFlags(model_dir=str(folder), data_fake_dataset=fake))
    assert not folder.exists()
    return request.param, options, made


def test_there_are_the_configs_that_the_project_promises():
    promised = {
        "s3gan.gin",
        "mnist_5k/biggan.gin",
        "mnist_5k/biggan_labeled_only_10pct.gin",
        "mnist_5k/ssgan.gin",
        "imagenet128/s3gan_co_10pct.gin",
        "imagenet128/biggan.gin",
    }
    assert promised <= set(RUNNABLE)


@pytest.mark.parametrize("name", ALL)
def test_parses_from_any_directory(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parse(name)
    assert configuration.unused_bindings()  # nothing is built yet: whatever it binds is listed


def test_names_what_exists_and_binds_nothing_unused(session):
    name, options, made = session
    assert made.dataset.name in DATASETS
    assert options.architecture in architectures.ARCHITECTURES
    assert issubclass(options.gan_class, ModularGAN)
    assert configuration.unused_bindings() == []


def test_bindings_reach_the_run(session):
    name, options, made = session
    assert made.gan.options == options
    assert made.gan.g_use_ema
    fraction = re.search(r"_(\d+)pct", "s3gan_co_10pct.gin" if name == "s3gan.gin" else name)
    share = int(fraction.group(1)) / 100 if fraction else 1.0
    if "ssgan" in name:
        assert not made.gan.conditional
        return
    assert made.gan.conditional
    assert made.dataset.num_labelled == round(share * made.dataset.source.num_train)
    assert made.dataset.num_train == (
        made.dataset.num_labelled if "labeled_only" in name else made.dataset.source.num_train
    )
    assert isinstance(made.gan, S3GAN) == ("s3gan" in name)


@pytest.mark.parametrize("name", RUNNABLE)
def test_header_says_paper_expectation_hardware_and_command(name):
    header = re.match(r"(#.*\n)+", (GIN_CONFIGS / name).read_text()).group(0)
    for part in ("et al.", "Expected:", "Hardware and time:", f"--gin_config=gin_configs/{name}"):
        if part == "et al." and name.startswith("mnist_5k/biggan"):
            continue  # the source is the paper of the config it is compared with
        assert part in header, part


@pytest.mark.parametrize("name", STUDIES)
def test_study_names_configs_that_exist(name):
    parse(name)
    study = configuration.build(Study)
    assert set(study.configs) <= set(RUNNABLE)
    assert study.seeds and pathlib.Path(study.results).suffix == ".csv"
    assert configuration.unused_bindings() == []


def test_every_part_is_included_somewhere():
    text = "".join((GIN_CONFIGS / name).read_text() for name in RUNNABLE)
    assert {name for name in PARTS if f"include '{name}'" not in text} == set()
