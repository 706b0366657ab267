"""Metrics by name. A new one is a plain function of `Samples` below the decorator `metric`:

    @metric("mean_brightness", needs=["fake_images"])
    def mean_brightness(samples, power: float = 1.0):
        return (samples.fake.images**power).mean()

`evaluation.metrics = ["fid", "mean_brightness"]` or `--metrics` chooses it. Parameters beside the samples can be bound
(`mean_brightness.power = 2`) and are part of the protocol of its scores.
"""

import dataclasses
import inspect

from compare_gan2.config.declare import configurable, signature
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.ground.suggestions import did_you_mean
from compare_gan2.metrics.metric_type import Estimate, Metric, Row  # noqa: F401, for metrics of users

# What a metric may need, and how a message describes it if it is missing.
NEEDS = {
    "fake_images": "generated images",
    "fake_features": "a feature network",
    "fake_logits": "a feature network with logits",
    "fake_labels": "the classes that generated images were asked for (a conditional model, or sub-folders per class)",
    "real_images": "real images",
    "real_features": "real images and a feature network",
    "real_labels": "the class of every real image (a dataset without unlabelled images, or sub-folders per class)",
    "class_logits": "a feature network whose logits are the classes of the dataset",
    "train_images": "the images that the model was trained on (--model_dir)",
    "training_features": "the images that the model was trained on (--model_dir) and a feature network",
    "feature_network": "a feature network",
    "generator": "the generator itself (--model_dir)",
    "discriminator": "the discriminator itself (--model_dir)",
}
ALL = "all"  # in place of names
DEFAULTS = ("fid", "classifier_score", "conditional_accuracy")
INSTEAD = {"conditional_accuracy": "neighbour_agreement"}  # among the defaults, of one that cannot be computed
METRICS = {}  # Name -> `Metric` with default parameters, in the order of registration; a table of declarations only.


def metric(name, *, needs, rows=None, title=None, better=None, resample=None, describe=None, draw=None, **checks):
    """Decorator that registers a function of `Samples` as the metric `name`.

    The function returns a float or an `Estimate`, or {row: one of these} if it has several rows, and raises
    `ValueError` if it is not defined. Parameters beside the samples need defaults and become gin options of the
    metric's name.

    Args:
        name: in gin and on the command line; no other metric may have it.
        needs: what it reads of the samples, keys of `NEEDS`.
        rows: {name in scores.csv: `Row`}, None for one row of the metric's name.
        title, better: of that one row, see `Row`.
        resample: function (samples, random, **parameters) -> {row: [R] values} for sets drawn with replacement, see
            `bootstrap`, for rows that are not an `Estimate`. A row may be missing; None: no row has any.
        describe: function (**parameters) -> {name: value} that the protocol names in place of the parameters.
        draw: function (path, samples, **parameters) that writes a picture as PNG; None: the metric has no picture.
        checks: `caution`: function (samples, values, **parameters) -> list of texts, or {row: such a list}: why values
            say little; `check_counts`: function (num_real, num_fake, **parameters) that raises `ValueError` if so many
            images can never be scored.

    Raises:
        ValueError: for a name or row that is taken, or an unknown need.
    """
    rows = _checked_rows(name, needs, rows, title, better)

    def add(function):
        samples = next(iter(inspect.signature(function).parameters))
        _declare(name, function, hidden=[samples])
        _add(name, function, needs, rows, function, resample=resample, describe=describe, draw=draw, **checks)
        return function

    return add


def register(name, function, compute, *, needs, options=(), rows=None, title=None, better=None, **others):
    """Registers a function of arrays as the metric `name`; its own signature is where the defaults are stated.

    Args:
        name, needs, rows, title, better, others: see `metric`.
        function: of arrays.
        compute: function (samples, **parameters) that calls it and returns what `metric` expects.
        options: names of the function's parameters that become gin options.

    Raises:
        ValueError: see `metric`.
    """
    rows = _checked_rows(name, needs, rows, title, better)
    _declare(name, function, hidden=[other for other in inspect.signature(function).parameters if other not in options])
    _add(name, compute, needs, rows, function, **others)


def choose(names, available, config, option="evaluation.metrics", keep_unusable=False, network=None):
    """List of the `Metric`s of these names, with their parameters as the configuration binds them.

    Args:
        names: list of names; ["all"] for every metric whose needs are met, None for those of `DEFAULTS`
            that can be computed, or what `INSTEAD` has for them.
        available: set of needs that are met.
        config: `Configuration`; it records the parameters of the chosen metrics.
        option: for messages.
        keep_unusable: whether a metric that cannot be computed becomes one that fails with the reason, as it does for
            ["all"], as long as there is another one.
        network: `FeatureNetwork`, on which rows of distances may have other names; None: they have their own.

    Raises:
        ConfigError: for a name or binding that cannot be, an empty list, or a metric that cannot be computed.
    """
    everything = names is not None and list(names) == [ALL]
    if names is None:
        chosen = [METRICS[_possible(name, available)] for name in DEFAULTS]
        chosen = [each for each in chosen if each.needs <= available]
    elif everything:
        chosen = [each for each in METRICS.values() if each.needs <= available]
        _log_left_out(available, option)
    else:
        check_names(names, option)
        chosen = [METRICS[name] for name in names]
    bound, reasons = [], {}
    for each in chosen:
        bound.append(dataclasses.replace(each, parameters=each.parameters | config.arguments(each.declared)))
        try:
            _require_usable(bound[-1], available, option)
        except ConfigError as error:
            reasons[each.name] = error
    if reasons and not (len(reasons) < len(bound) and (everything or keep_unusable)):
        raise next(iter(reasons.values()))
    bound = [each.on(network) for each in bound]
    return [each.failing(str(reasons[each.name])) if each.name in reasons else each for each in bound]


def check_names(names, option="evaluation.metrics"):
    """Raises a `ConfigError` for an empty list of metrics, or a name that is unknown or repeated."""
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"{option}: expected names of different metrics, got {list(names)}")
    if list(names) == [ALL]:
        return
    for name in names:
        if name == ALL:
            raise ConfigError(f"{option}: {ALL!r} is for all metrics and stands alone, got {', '.join(names)}")
        if name not in METRICS:
            known = sorted(METRICS)
            if name in own_names():
                raise ConfigError(
                    f"{option}: {name!r} is the row of {own_names()[name]!r} on a feature network that is not"
                    f" Inception; ask for {own_names()[name]!r}"
                )
            raise ConfigError(
                f"{option}: expected metrics among {', '.join(known)}, or {ALL!r} alone, got {name!r}"
                f"{did_you_mean(name, [ALL, *known])}"
            )


def _require_usable(chosen, available, option):
    """Refuses what cannot be computed, before anything is trained or sampled."""
    if missing := sorted(chosen.needs - available):
        raise ConfigError(f"{option}: {chosen.name!r} needs {'; '.join(NEEDS[need] for need in missing)}")
    chosen.settings()


def _possible(name, available):
    return name if METRICS[name].needs <= available else INSTEAD.get(name, name)


def _log_left_out(available, option):
    names = {}
    for each in METRICS.values():
        if missing := sorted(each.needs - available):
            names.setdefault("; ".join(NEEDS[need] for need in missing), []).append(each.name)
    for needs, left_out in names.items():
        verb = "need" if len(left_out) > 1 else "needs"
        log.info(f"{option}: left out of {ALL!r}: {', '.join(left_out)}, which {verb} {needs}")


def all_rows():
    """{row: `Row`} of all metrics, under all names that they have."""
    rows = {}
    for each in METRICS.values():
        for name, row in each.rows.items():
            rows |= {name: row} | row.renamed()
    return rows


def own_names():
    """{other name of a row: its own name} of the rows that have another one on some networks."""
    rows = [(name, row) for each in METRICS.values() for name, row in each.rows.items() if row.elsewhere]
    return {row.elsewhere[0]: name for name, row in rows}


def titles():
    """{row: its title and which way is better}, for pictures."""
    rows = all_rows().items()
    return {name: f"{row.title} ({row.better} is better)" if row.better else row.title for name, row in rows}


def settings_text(settings):
    """Settings as one cell: "block_size=1000; subsets=3", "none" without any."""
    return "; ".join(f"{name}={settings[name]}" for name in sorted(settings)) or "none"


def _checked_rows(name, needs, rows, title, better):
    if name in METRICS or name == ALL:
        raise ValueError(f"metric {name!r}: there is one of this name already")
    if unknown := set(needs) - NEEDS.keys():
        raise ValueError(f"metric {name!r}: expected needs among {', '.join(NEEDS)}, got {', '.join(sorted(unknown))}")
    if rows is None:
        rows = {name: Row(title or name.replace("_", " ").capitalize(), better)}
    if taken := rows.keys() & all_rows().keys():
        raise ValueError(f"metric {name!r}: another metric has the rows {', '.join(sorted(taken))}")
    return rows


def _declare(name, function, hidden):
    configurable(name, module="compare_gan2.metrics", denylist=hidden)(function)


def _add(name, compute, needs, rows, declared, **others):
    parameters = signature(declared)[0]
    METRICS[name] = Metric(name, compute, frozenset(needs), rows, declared, parameters, **others)
