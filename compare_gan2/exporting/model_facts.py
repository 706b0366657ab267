"""What is known of a model, for readers of its export: data, labels, scores, configuration."""

import dataclasses
import re

from compare_gan2.ground.code_version import code_version
from compare_gan2.run_folder.model_directory import ModelDirectory
from compare_gan2.run_folder.scores import ScoresFile

_OF_MACHINES = re.compile(r"(.*(path|pattern|_dir))$")  # options whose values name files of a machine


@dataclasses.dataclass(frozen=True)
class ModelFacts:
    """Facts about a model; None or empty where they are unknown, as for networks without a run.

    Attributes:
        name: of the model.
        license: of its weights, None if none is given.
        gan: name of the GAN's class.
        architecture: such as "resnet_biggan".
        parameters: number of the generator's weights.
        statistics: of batch norm, such as "standing_204800" or "moving"; see `Score.bn_statistics`.
        dataset: `DatasetRecord`.
        scores: list of `Score` of the checkpoint.
        configuration: text of a `.gin` file, without paths of the machine.
    """

    name: str
    license: str | None
    gan: str | None
    architecture: str
    parameters: int
    statistics: str | None = None
    dataset: object = None
    scores: tuple = ()
    configuration: str = ""

    def as_json(self):
        """{name: value} that JSON can hold, for `export.json`."""
        names = ("name", "license", "gan", "architecture", "parameters")
        found = {name: getattr(self, name) for name in names} | {"batch_norm_statistics": self.statistics}
        if self.dataset is not None:
            found["dataset"] = {name: getattr(self.dataset, name) for name in ("name", "num_train", "num_labelled")}
        return found | {"code_version": code_version()}


def facts_of(model, name, license):
    """`ModelFacts` of a `Model`.

    Args:
        model: `Model`.
        name, license: see `ModelFacts`.

    Raises:
        DamagedFileError: if the scores or the configuration of its run cannot be read.
    """
    sampler, generator, recorded = model.sampler, model.generator, getattr(model.sampler, "recorded", {})
    trained = sum(int(variable.shape.num_elements()) for variable in generator.trainable_variables)
    facts = ModelFacts(
        name=name,
        license=license,
        gan=recorded.get("gan"),
        architecture=recorded.get("architecture", type(generator).__module__.rpartition(".")[2]),
        parameters=recorded.get("parameters", trained),
    )
    if not hasattr(sampler, "model_dir"):  # saved networks
        return facts
    return dataclasses.replace(
        facts,
        gan=type(sampler.gan).__name__,
        statistics=f"standing_{sampler.standing_samples}" if sampler.needs_standing_statistics else "moving",
        dataset=sampler.dataset,
        scores=tuple(
            score for score in ScoresFile(sampler.model_dir / "scores.csv").read() if score.step == model.step
        ),
        configuration=_configuration(ModelDirectory(sampler.model_dir), sampler.bindings),
    )


def _configuration(directory, bindings):
    lines = [*directory.recorded_imports()]
    for name, value in directory.recorded().items():
        if name.startswith("--"):
            continue  # a flag of a session
        hidden = _OF_MACHINES.fullmatch(name) and value not in ("None", "''")
        lines.append(f"# {name}: left out, a place on the machine of the run" if hidden else f"{name} = {value}")
    if bindings:
        lines += ["# Bound when the model was exported:", *bindings]
    return "".join(f"{line}\n" for line in lines)
