"""What a study compares, as a list of runs. A run's name stays the same however often the study is started."""

import collections
import dataclasses
import hashlib
import itertools
import math
import pathlib
import re
from typing import Annotated

import numpy as np

from compare_gan2.config import config_files
from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import AnyOf, FileName, Range, Seed
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.suggestions import did_you_mean
from compare_gan2.run_folder.scores import PROTOCOL

FRACTION, PER_CLASS = "labels.fraction", "labels.per_class"
_JOINED = " + "  # between files of one config
_RANGES = ("uniform", "log_uniform")
_SEED = "run_config.tf_random_seed"
Line = Annotated[str, AnyOf("gin bindings, checked by the plan and by each run")]
OfConfigs = Annotated[str, AnyOf("members of study.configs, checked by the plan")]


@configurable("study", module="compare_gan2.study")
@dataclasses.dataclass(frozen=True)
class Study:
    """What is compared.

    Attributes:
        configs: `.gin` files, named as `--gin_config` names them; "s3gan.gin + with/ada.gin" is a config of two files.
        seeds: values of `run_config.tf_random_seed`.
        follow_seed: further options that take the seed of each run, such as "labels.seed".
        results: CSV file of the scores of all checkpoints, with config and bindings in front.
        document: text file that holds the table, or None.
        bindings: gin bindings of every run, such as "options.training_steps = 1200".
        vary: {"selector.parameter": values}, such as {"labels.fraction": [0.05, 0.1]}. A list holds choices;
            ("uniform", low, high) and ("log_uniform", low, high) are ranges of a random search. Text that begins with @
            is a reference, such as "@hinge".
        vary_only: those of `configs` that `vary` applies to, the others run once per seed; None: all.
        budget: None: all combinations of the choices; else the number of points drawn at random, the same for every
            config.
        seed: of those points.
        baseline: the one of `configs` that the others are compared with, or None.
        report: HTML file, or None for report.html in the folder of the runs.
        may_differ: columns of the protocol in which methods differ by design, such as "label_prior"; their scores share
            a table and are marked.
        target: distance, such as an FID of 0.6: tables say how many minutes of training it took to get there; or None.

    Raises:
        ConfigError: for a plan that cannot be run.
    """

    configs: list[FileName] = REQUIRED
    seeds: list[Seed] = REQUIRED
    results: FileName = REQUIRED
    document: FileName | None = None
    bindings: list[Line] = ()
    vary: Annotated[dict, AnyOf("points, checked by the plan and by each run")] | None = None
    vary_only: list[OfConfigs] | None = None
    budget: Annotated[int, Range(1, 10_000)] | None = None
    seed: Seed = 0
    baseline: OfConfigs | None = None
    report: FileName | None = None
    may_differ: list[Annotated[str, AnyOf("columns of the protocol, checked by the plan")]] = ()
    follow_seed: list[Annotated[str, AnyOf("names of options, checked by each run")]] = ()
    target: Annotated[float, Range(1e-6, 1e6)] | None = None

    def __post_init__(self):
        check_fields(self)
        for name in ("configs", "seeds"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise ConfigError(f"study.{name}: expected different values, at least one, got {values}")
        paths = [
            tuple(pathlib.PurePath(name.removeprefix(f"{config_files.PREFIX}/")) for name in Setting(config).files)
            for config in self.configs
        ]
        same = [config for config, path in zip(self.configs, paths, strict=True) if paths.count(path) > 1]
        if same:
            raise ConfigError(f"study.configs: expected names that differ in more than notation, got {', '.join(same)}")
        if self.baseline is not None and self.baseline not in self.configs:
            raise ConfigError(f"study.baseline: expected one of study.configs, got {self.baseline!r}")
        if self.vary_only is not None:
            self._check_vary_only()
        if self.budget is not None and not self.vary:
            raise ConfigError(f"study.budget: expected study.vary to draw from, got {self.budget} alone")
        for binding in self.bindings:
            if not re.fullmatch(r"[\w./]+ *= *\S.*", binding):
                raise ConfigError(f"study.bindings: expected 'selector.parameter = value', got {binding!r}")
        names = [binding.split("=")[0].strip() for binding in self.bindings] + list(self.vary or ())
        for name in self.follow_seed:
            if name in (_SEED, *names) or not re.fullmatch(r"[\w/]+(\.[\w]+)+", name):
                raise ConfigError(
                    f"study.follow_seed: expected options such as 'labels.seed' that nothing else binds, got {name!r}"
                )
        if _SEED in names:
            raise ConfigError(f"study: {_SEED} comes from study.seeds, got it in study.bindings or study.vary")
        for name, values in (self.vary or {}).items():
            _check_values(name, values, self.budget)
        unknown = sorted(set(self.may_differ) - set(PROTOCOL))
        if unknown:
            raise ConfigError(
                f"study.may_differ: expected columns among {', '.join(PROTOCOL)}, got {', '.join(unknown)}"
            )

    def varies(self, config):
        """Whether `vary` applies to one of `configs`."""
        return bool(self.vary) and (self.vary_only is None or config in self.vary_only)

    def _check_vary_only(self):
        if not self.vary:
            raise ConfigError(f"study.vary_only: expected study.vary beside it, got {self.vary_only} alone")
        unknown = [config for config in self.vary_only if config not in self.configs]
        if unknown or not self.vary_only:
            hint = did_you_mean(unknown[0], self.configs) if unknown else ""
            raise ConfigError(f"study.vary_only: expected some of study.configs, got {unknown}{hint}")


@dataclasses.dataclass(frozen=True)
class Setting:
    """What the seeds of a study are averaged over: a config and its bindings ("a = 1; b = 2", empty for none)."""

    config: str
    bindings: str = ""

    @property
    def files(self):
        """The files of the config, each as `--gin_config` names it."""
        return [name.strip() for name in self.config.split(_JOINED)]

    @property
    def method(self):
        """Names of the config's files, without folders and without the ending of a fraction's own file, "_20pct"."""
        names = (pathlib.PurePath(name).name.removesuffix(".gin") for name in self.files)
        return _JOINED.join(re.sub(r"_\d+(_\d+)?pct$", "", name) for name in names)

    @property
    def family(self):
        """The method with its folder; a table has a row for each."""
        return str(pathlib.PurePath(self.files[0]).parent / self.method)

    @property
    def other_bindings(self):
        """The bindings without those of the number of labels."""
        parts = self.bindings.split("; ")
        return "; ".join(part for part in parts if part.split("=")[0].strip() not in (FRACTION, PER_CLASS))


@dataclasses.dataclass(frozen=True)
class PlannedRun:
    """One training: a setting and a seed.

    Attributes:
        setting: `Setting`.
        seed: value of `run_config.tf_random_seed`.
        arguments: gin bindings of the setting, as a tuple.
        seeded: gin bindings of the options that take its seed, as a tuple; they do not tell settings apart.
        name: of its folder; other bindings, other name. Configs of one study whose paths would give the same name, such
            as "a/b.gin" and "a_b.gin", get a hash of their paths.
    """

    setting: Setting
    seed: int
    arguments: tuple
    name: str
    seeded: tuple = ()


def runs_of(study):
    """List of `PlannedRun`: seeds outermost, so that unfinished studies compare like with like; then configs, points.

    Args:
        study: `Study`.
    """
    points = _points(study)
    names = _config_names(study.configs)
    return [
        _run(study, config, names[config], point, seed)
        for seed in study.seeds
        for config in study.configs
        for point in (points if study.varies(config) else [{}])
    ]


def settings_of(study):
    """List of `Setting`, in the order of the plan."""
    return list(dict.fromkeys(run.setting for run in runs_of(study)))


def require_configs(study):
    """Raises a `ConfigError` that names all config files that do not exist."""
    missing = []
    for name in dict.fromkeys(name for config in study.configs for name in Setting(config).files):
        try:
            config_files.find(name, option="study.configs")
        except ConfigError:
            missing.append(name)
    if missing:
        hint = did_you_mean(missing[0], config_files.suggested_names())
        raise ConfigError(
            f"study.configs: expected paths or names of shipped configurations, {len(missing)} do not exist: "
            f"{', '.join(missing)}{hint}"
        )


def _config_names(configs):
    """{config: start of its runs' names}; no two are the same."""
    names = {
        config: "+".join(name.removesuffix(".gin").strip("/").replace("/", "_") for name in Setting(config).files)
        for config in configs
    }
    shared = {name for name, number in collections.Counter(names.values()).items() if number > 1}
    return {config: f"{name}-{_short_hash(config)}" if name in shared else name for config, name in names.items()}


def _run(study, config, start, point, seed):
    arguments = (*study.bindings, *(f"{name} = {text}" for name, text in point.items()))
    seeded = tuple(f"{name} = {seed}" for name in study.follow_seed)
    parts = [start]
    if arguments or seeded:
        varied = (f"{name.rsplit('.', 1)[-1]}={text}" for name, text in point.items())
        parts += [re.sub(r"[^\w.=+-]+", "_", text)[:40] for text in varied]
        parts.append(_short_hash("\n".join((*arguments, *study.follow_seed))))
    name = "-".join([*parts, f"seed{seed}"])
    return PlannedRun(Setting(config, "; ".join(arguments)), seed, arguments, name, seeded)


def _short_hash(text):
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _points(study):
    """List of {name: gin text of its value}, without repetitions."""
    varied = study.vary or {}
    if study.budget is None:
        combinations = itertools.product(*varied.values())
    else:
        generators = (np.random.default_rng([study.seed, number]) for number in range(study.budget))
        combinations = ([_drawn(values, generator) for values in varied.values()] for generator in generators)
    texts = [tuple(map(_text, combination)) for combination in combinations]
    return [dict(zip(varied, point, strict=True)) for point in dict.fromkeys(texts)]


def _drawn(values, generator):
    if isinstance(values, list):
        return values[generator.integers(len(values))]
    kind, low, high = values
    number = generator.uniform(*((math.log(low), math.log(high)) if kind == "log_uniform" else (low, high)))
    return float(f"{math.exp(number) if kind == 'log_uniform' else number:.4g}")  # short enough to be typed again


def _text(value):
    return value if isinstance(value, str) and value.startswith("@") else repr(value)


def _check_values(name, values, budget):
    where = f"study.vary[{name!r}]"
    if not isinstance(name, str) or "." not in name:
        raise ConfigError(f"study.vary: expected keys 'selector.parameter', got {name!r}")
    if isinstance(values, list) and values:
        return
    if not (isinstance(values, tuple) and len(values) == 3 and values[0] in _RANGES):
        kinds = " or ".join(f'("{kind}", low, high)' for kind in _RANGES)
        raise ConfigError(f"{where}: expected a list of choices, {kinds}, got {values!r}")
    kind, low, high = values
    numbers = all(isinstance(bound, (int, float)) and not isinstance(bound, bool) for bound in (low, high))
    if not numbers or not (0 if kind == "log_uniform" else -math.inf) < low < high < math.inf:
        positive = "0 < " if kind == "log_uniform" else ""
        raise ConfigError(f"{where}: expected {positive}low < high, got {values!r}")
    if budget is None:
        raise ConfigError(f"{where}: a range needs study.budget, the number of points to draw")
