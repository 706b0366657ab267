"""The protocol of a score: how it was computed, assembled in one place for runs, the command and the library."""

import dataclasses

from compare_gan2.metrics.networks.choices import NO_RESIZE
from compare_gan2.metrics.registry import settings_text
from compare_gan2.run_folder.scores import Score

UNKNOWN = "unknown"


def purpose_of(repetition):
    """Text that seeds the generated images of a repetition; images of an equal purpose are the same."""
    return f"scores/{repetition}"


@dataclasses.dataclass(frozen=True)
class ModelProtocol:
    """The part of a protocol that describes the generator; unknown for images of unknown origin.

    Attributes:
        checkpoint: name of the checkpoint, or of the images.
        step: generator steps trained so far, None if unknown.
        weights, bn_statistics, truncation, label_prior: see `Score`.
    """

    checkpoint: str
    step: int | None = None
    weights: str = UNKNOWN
    bn_statistics: str = UNKNOWN
    truncation: str = UNKNOWN
    label_prior: str = UNKNOWN


def protocol_of_sampler(sampler, checkpoint, step, *, standing_samples, truncation):
    """`ModelProtocol` of the images that a sampler generates from a checkpoint.

    Args:
        sampler: `Sampler`.
        checkpoint: name of the checkpoint.
        step: of the checkpoint.
        standing_samples: images that standing statistics are accumulated from.
        truncation: see `Score`.
    """
    return ModelProtocol(
        checkpoint=checkpoint,
        step=step,
        weights=sampler.weights if sampler.precision is None else f"{sampler.weights} in {sampler.precision}",
        bn_statistics=f"standing_{standing_samples}" if sampler.needs_standing_statistics else "moving",
        truncation=truncation,
        label_prior=sampler.label_prior,
    )


@dataclasses.dataclass(frozen=True, eq=False)
class Protocol:
    """How all scores of one evaluation are computed.

    Attributes:
        model: `ModelProtocol`.
        real: `ImageSource` or `CachedFeatures` of the real images; None without any.
        num_fake: generated images per repetition.
        num_repetitions: sets of generated images.
        seed: of latents, labels and everything that metrics draw.
        network: `FeatureNetwork`, None if no metric needs one.
        code_version: of this package.
        size: how all images were resized before anything else, "none" if they were not.
        classes: how the classes of both sides were matched, see `Score`.
        images: which of the given images were scored, see `Score`.
        pixels: how they were taken from picture files, see `Score`.
    """

    model: ModelProtocol
    real: object
    num_fake: int
    num_repetitions: int
    seed: int
    network: object
    code_version: str
    size: str = NO_RESIZE
    classes: str = "none"
    images: str = "all"
    pixels: str = "none"

    def score(self, metric, row, value):
        """`Score` of one row of a `Metric` from its `MetricValue`."""
        real, network = self.real, self.network if metric.uses_network else None
        return Score(
            metric=row,
            **dataclasses.asdict(value),
            **dataclasses.asdict(self.model),
            num_real=None if real is None else real.count,
            num_fake=self.num_fake,
            num_runs=self.num_repetitions,
            dataset="none" if real is None else real.name,
            split="none" if real is None else real.part,
            images=self.images,
            pixels=self.pixels,
            size=self.size,
            classes=self.classes,
            seed=self.seed,
            network=network.name if network else "",
            network_checksum=network.checksum if network else "none",
            resize=network.resize if network else NO_RESIZE,
            settings=settings_text(metric.settings()),
            code_version=self.code_version,
        )

    def scores(self, values):
        """List of `Score`, one per row of the metrics of `MetricValues`."""
        return [self.score(metric, row, values.result(row)) for metric in values.metrics for row in metric.rows]
