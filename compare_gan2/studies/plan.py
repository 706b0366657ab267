"""What a study compares, as a list of runs, each with a name that stays the same however often the study is started."""

import collections
import dataclasses
import hashlib
import itertools
import math
import pathlib
import re

import numpy as np

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError, configurable
from compare_gan2.reporting.scores import PROTOCOL

GIN_CONFIGS = pathlib.Path(__file__).resolve().parent.parent.parent / "gin_configs"
_RANGES = ("uniform", "log_uniform")
_SEED = "run_config.tf_random_seed"


@configurable("study", module="compare_gan2.study")
@dataclasses.dataclass(frozen=True)
class Study:
    """What is compared.

    Attributes:
        configs: `.gin` files, relative to `gin_configs/` or, if there is none, to the working directory.
        seeds: values of `run_config.tf_random_seed`.
        results: CSV file of the scores of all checkpoints, with config and bindings in front.
        document: text file that holds the table, or None.
        bindings: gin bindings of every run, such as "options.training_steps = 1200".
        vary: {"selector.parameter": values}. A list holds choices; ("uniform", low, high) and ("log_uniform", low,
            high) are ranges of a random search. Text that begins with @ is a reference, such as "@hinge".
        budget: None: all combinations of the choices; else so many points drawn at random, the same for every config.
        seed: of those points.
        baseline: the one of `configs` that the others are held against, or None.
        report: HTML file, or None for report.html among the runs.
        may_differ: columns of the protocol in which the methods differ by design, such as "label_prior"; their scores
            stand in one table, marked.

    Raises:
        ConfigError: for a plan that cannot be run.
    """

    configs: list[str] = configuration.REQUIRED
    seeds: list[int] = configuration.REQUIRED
    results: str = configuration.REQUIRED
    document: str | None = None
    bindings: list[str] = ()
    vary: dict | None = None
    budget: int | None = None
    seed: int = 0
    baseline: str | None = None
    report: str | None = None
    may_differ: list[str] = ()

    def __post_init__(self):
        for name in ("configs", "seeds"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise ConfigError(f"study.{name}: expected different values, at least one, got {values}")
        names = [(Setting(config).family, Setting(config).fraction) for config in self.configs]
        same = [config for config, name in zip(self.configs, names, strict=True) if names.count(name) > 1]
        if same:
            raise ConfigError(f"study.configs: expected names that differ in more than notation, got {', '.join(same)}")
        if self.baseline is not None and self.baseline not in self.configs:
            raise ConfigError(f"study.baseline: expected one of study.configs, got {self.baseline!r}")
        if self.budget is not None and (self.budget < 1 or not self.vary):
            raise ConfigError(f"study.budget: expected 1 or more, and study.vary to draw from, got {self.budget}")
        for binding in self.bindings:
            if not re.fullmatch(r"[\w./]+ *= *\S.*", binding):
                raise ConfigError(f"study.bindings: expected 'selector.parameter = value', got {binding!r}")
        names = [binding.split("=")[0].strip() for binding in self.bindings] + list(self.vary or ())
        if _SEED in names:
            raise ConfigError(f"study: {_SEED} comes from study.seeds, got it in study.bindings or study.vary")
        for name, values in (self.vary or {}).items():
            _check_values(name, values, self.budget)
        unknown = sorted(set(self.may_differ) - set(PROTOCOL))
        if unknown:
            raise ConfigError(
                f"study.may_differ: expected columns among {', '.join(PROTOCOL)}, got {', '.join(unknown)}"
            )


@dataclasses.dataclass(frozen=True)
class Setting:
    """What the seeds of a study are averaged over: a config and its bindings ("a = 1; b = 2", empty for none)."""

    config: str
    bindings: str = ""

    @property
    def method(self):
        """Name of the config file without folder and label fraction."""
        return _name_and_fraction(self.config)[0]

    @property
    def family(self):
        """The method with its folder: what its label fractions are fractions of."""
        return str(pathlib.PurePath(self.config).parent / self.method)

    @property
    def fraction(self):
        """Label fraction in its name in percent ("..._2_5pct.gin" has 2.5), None without one."""
        return _name_and_fraction(self.config)[1]


@dataclasses.dataclass(frozen=True)
class Run:
    """One training: a setting and a seed.

    Attributes:
        setting: `Setting`.
        seed: value of `run_config.tf_random_seed`.
        arguments: gin bindings of the setting, as a tuple.
        name: of its folder; other bindings, other name. Configs of one study whose paths would give the same name, such
            as "a/b.gin" and "a_b.gin", have theirs in it as a hash.
    """

    setting: Setting
    seed: int
    arguments: tuple
    name: str


def runs_of(study):
    """List of `Run`: seeds outermost, so that unfinished studies compare like with like; then configs, then points."""
    points = _points(study)
    names = _config_names(study.configs)
    return [
        _run(study, config, names[config], point, seed)
        for seed in study.seeds
        for config in study.configs
        for point in points
    ]


def settings_of(study):
    """List of `Setting`, in the order of the plan."""
    return list(dict.fromkeys(run.setting for run in runs_of(study)))


def has_fractions(study):
    """Whether a method occurs with several label fractions, so that the table gets them as columns."""
    settings = map(Setting, study.configs)
    families = [setting.family for setting in settings if setting.fraction is not None]
    return len(set(families)) < len(families)


def config_path(config):
    """Path of a config file of a study."""
    shipped = GIN_CONFIGS / config
    return shipped if shipped.exists() else pathlib.Path(config)


def require_configs(study):
    """Raises a `ConfigError` that names all config files that do not exist."""
    missing = [config for config in study.configs if not config_path(config).is_file()]
    if missing:
        listed = ", ".join(missing)
        raise ConfigError(f"study.configs: expected files below {GIN_CONFIGS}, {len(missing)} do not exist: {listed}")


def _config_names(configs):
    """{config: start of its runs' names}; no two are the same."""
    names = {config: config.removesuffix(".gin").strip("/").replace("/", "_") for config in configs}
    shared = {name for name, number in collections.Counter(names.values()).items() if number > 1}
    return {config: f"{name}-{_short_hash(config)}" if name in shared else name for config, name in names.items()}


def _run(study, config, start, point, seed):
    arguments = (*study.bindings, *(f"{name} = {text}" for name, text in point.items()))
    parts = [start]
    if arguments:
        varied = (f"{name.rsplit('.', 1)[-1]}={text}" for name, text in point.items())
        parts += [re.sub(r"[^\w.=+-]+", "_", text)[:40] for text in varied]
        parts.append(_short_hash("\n".join(arguments)))
    return Run(Setting(config, "; ".join(arguments)), seed, arguments, "-".join([*parts, f"seed{seed}"]))


def _short_hash(text):
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _points(study):
    """List of {name: gin text of its value}, none twice."""
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


def _name_and_fraction(config):
    stem = pathlib.PurePath(config).name.removesuffix(".gin")
    found = re.fullmatch(r"(.+?)_(\d+)(?:_(\d+))?pct", stem)
    return (found.group(1), float(f"{found.group(2)}.{found.group(3) or 0}")) if found else (stem, None)
