"""Models for all tests of this folder: a conditional S3GAN with predictor, and an unconditional GAN."""

import pytest
from support.saved_model_folders import built, saved_model_of

from compare_gan2.exporting.baked_networks import baked_networks
from compare_gan2.exporting.probe import probe_of

BINDINGS = {
    "conditional": ("s3gan", "standardize_batch.use_moving_averages = False", "S3GAN.use_soft_pred = True"),
    "unconditional": ("modular",),
}


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    return {
        kind: saved_model_of(built(name, *bindings), tmp_path_factory.mktemp("model"))
        for kind, (name, *bindings) in BINDINGS.items()
    }


@pytest.fixture(params=sorted(BINDINGS))
def model(request, models):
    return models[request.param]


@pytest.fixture
def conditional(models):
    return models["conditional"]


@pytest.fixture
def networks(model):
    return baked_networks(model)


@pytest.fixture
def probe(model, networks):
    return probe_of(model, networks)
