"""The distribution of the classes that images are generated for in scores and pictures."""

from compare_gan2.ground.errors import ConfigError


def label_distribution(labels, dataset):
    """The `distribution` of a `Sampler` that `eval_labels.prior` asks for; None for a uniform one.

    Args:
        labels: `EvaluationLabels`.
        dataset: `DatasetRecord`.

    Raises:
        ConfigError: if the prior is empirical and the label distribution is unknown.
    """
    if labels.prior == "uniform":
        return None
    if dataset.label_distribution is None:
        raise ConfigError(f"eval_labels.prior: the label distribution of {dataset.name} is not known, got 'empirical'")
    return dataset.label_distribution
