"""Files of gin_configs/with go with any method: `--gin_config=s3gan.gin --gin_config=with/diffaugment.gin`."""

import re

import pytest

from compare_gan2.augmentation.ada import Ada
from compare_gan2.augmentation.apa import Apa
from compare_gan2.augmentation.diffaugment import DiffAugment
from compare_gan2.config.config_files import SHIPPED
from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import Options
from compare_gan2.datasets.latents import EvaluationLatents, TrainingLatents
from compare_gan2.gans.auxiliary_classifiers import (
    AuxiliaryClassifier,
    DiscriminativeClassifier,
    TwinAuxiliaryClassifier,
)
from compare_gan2.gans.contrastive_heads import ContraGan, ReacGan
from compare_gan2.gans.latent_optimization import LatentOptimization
from compare_gan2.gans.logits_heads import MultiHinge
from compare_gan2.gans.make_gan import model_spec
from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder.model_directory import default_path

AUGMENTATIONS = {"with/ada.gin": Ada, "with/apa.gin": Apa, "with/diffaugment.gin": DiffAugment}
LABEL_HEADS = {
    "with/acgan.gin": AuxiliaryClassifier,
    "with/adc.gin": DiscriminativeClassifier,
    "with/contragan.gin": ContraGan,
    "with/multi_hinge.gin": MultiHinge,
    "with/reacgan.gin": ReacGan,
    "with/tac.gin": TwinAuxiliaryClassifier,
}
METHODS = ("s3gan.gin", "cifar10/biggan.gin", "mnist_5k/ssgan.gin")


def gan_of(*names, image_shape=(32, 32, 3), bindings=()):
    config = parse(names, bindings)
    of_files = set(parse([name for name in names if name.startswith("with/")]).bound_names)
    gan = model_spec(config, config.build(Options), image_shape=image_shape, num_classes=10).make()
    assert not of_files & set(config.unused)
    return gan, config


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_augmentations_go_with_any_method(method, name):
    gan, config = gan_of(method, name)
    part = gan.sees.pseudo_augmentation if name == "with/apa.gin" else gan.sees.augmentation
    assert type(part) is AUGMENTATIONS[name] and part == AUGMENTATIONS[name]()  # the published setting is the default
    recorded = [line for line in config.record if line.endswith(".augmentation")]
    assert recorded and f"{recorded[0].split('.')[0]}.pseudo_augmentation" in config.record


@pytest.mark.parametrize("method", [name for name in METHODS if name != "mnist_5k/ssgan.gin"])
@pytest.mark.parametrize("name", LABEL_HEADS)
def test_label_heads_go_with_any_method_that_has_labels(method, name):
    owns = name == "with/multi_hinge.gin" and method == "s3gan.gin"
    gan, _ = gan_of(method, name, bindings=["S3GAN.project_y = False"] if owns else [])
    gan.check_batch(num_replicas=1)
    (head,) = gan.objective.label_heads
    assert type(head) is LABEL_HEADS[name] and vars(head) == vars(LABEL_HEADS[name]())


@pytest.mark.parametrize("name", LABEL_HEADS)
def test_label_heads_need_labels(name):
    gan, _ = gan_of("mnist_5k/ssgan.gin", name)
    with pytest.raises(ConfigError, match=r"ModularGAN.label_heads: @\w+\(\) learns from labels and needs"):
        gan.check_batch(num_replicas=1)


@pytest.mark.parametrize("method", METHODS)
def test_latent_optimisation_goes_with_any_method(method):
    config = parse([method, "with/logan.gin"])
    gan = model_spec(config, config.build(Options), image_shape=(32, 32, 3), num_classes=10).make()
    assert gan.latent_optimization == LatentOptimization() and not gan.shares_fakes
    gan.latent_optimization.check_latents(config.build(TrainingLatents))
    assert config.build(EvaluationLatents).description == config.build(TrainingLatents).description
    assert not set(parse(["with/logan.gin"]).bound_names) & set(config.unused)
    assert gan_of(method)[0].latent_optimization is None


def test_the_order_of_files_does_not_matter_and_they_add_up():
    first, config = gan_of("with/apa.gin", "s3gan.gin", "with/ada.gin")
    second, _ = gan_of("s3gan.gin", "with/ada.gin", "with/apa.gin")
    for gan in (first, second):
        assert isinstance(gan.sees.augmentation, Ada) and isinstance(gan.sees.pseudo_augmentation, Apa)
    assert config.record["ada.p"] == "0.0" and config.record["apa.rule"] == "'paper'"


def test_a_run_is_named_after_both_files():
    assert default_path(["s3gan.gin", "with/diffaugment.gin"]) == "runs/s3gan+with/diffaugment"


@pytest.mark.parametrize("name", [*AUGMENTATIONS, *LABEL_HEADS, "with/logan.gin"])
def test_headers_say_paper_and_command(name):
    method = "mnist_5k/biggan.gin" if name == "with/multi_hinge.gin" else "s3gan.gin"
    header = re.match(r"(#.*\n)+", (SHIPPED / name).read_text()).group(0)
    assert re.search(r"\n# Paper: .* et al\. \d{4}, arXiv \d{4}\.\d{5}\.\n", header)
    assert f"\n# Run: python -m compare_gan2.main --gin_config={method} --gin_config={name}\n" in header
