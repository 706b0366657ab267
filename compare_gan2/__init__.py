"""GAN research, above all S3GAN, on TensorFlow 2 and Keras 3.

    import compare_gan2 as cg

    run = cg.train("s3gan.gin", {"labels.fraction": 0.05}, model_dir="runs/a")
    model = cg.load("runs/a")
    images = model.sample(16, labels=7)
    scores = cg.evaluate("fakes/", "photos/", metrics=["fid", "kid"])

The names below are imported when they are first used; importing the package imports no TensorFlow.
"""

import importlib
import sys
import types

from compare_gan2.ground import keras_registration, tensorflow_start

__version__ = "0.2.0"

_HOMES = {  # name: module that defines it
    "train": "runs.train",
    "load": "runs.load",
    "evaluate": "evaluation.evaluate",
    "export": "exporting.export",
    "parse": "runs.declarations",
    "ConfigError": "ground.errors",
    "DataError": "ground.errors",
    "MissingPackageError": "ground.errors",
    "DamagedFileError": "ground.errors",
    "ExportFailed": "ground.errors",
    "CheckpointError": "ground.errors",
    "TrainingFailed": "ground.errors",
    "ModularGAN": "gans.modular_gan",
    "SSGAN": "gans.ssgan",
    "S3GAN": "gans.s3gan",
    "make_generator": "architectures",
    "make_discriminator": "architectures",
    "DDLS": "gans.ddls",
    "DRS": "gans.drs",
    "TrainState": "training.state",
    "TrainStep": "training.step",
    "StepRandom": "training.step",
}
_ROOMS = {"architectures": "architectures", "layers": "layers", "losses": "gans.losses", "penalties": "gans.penalties"}
_ROOMS["metrics"] = "metrics"

__all__ = sorted(["__version__", *_HOMES, *_ROOMS])


def __getattr__(name):
    if name in _ROOMS:
        return importlib.import_module(f"compare_gan2.{_ROOMS[name]}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"compare_gan2.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'compare_gan2' has no attribute {name!r}")


def __dir__():
    return __all__


class _Package(types.ModuleType):
    """The functions `evaluate` and `export` keep their names beside the commands of the same names.

    Importing the module compare_gan2.evaluate would otherwise put that in the function's place.
    """

    @property
    def evaluate(self):
        return __getattr__("evaluate")

    @evaluate.setter
    def evaluate(self, module):
        del module

    @property
    def export(self):
        return __getattr__("export")

    @export.setter
    def export(self, module):
        del module


sys.modules[__name__].__class__ = _Package
keras_registration.install()
tensorflow_start.install()
