import pathlib

import pytest

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError
from compare_gan2.studies import plan
from compare_gan2.studies.plan import Setting, Study

CONFIGS = ["s3gan.gin", "mnist_5k/ssgan.gin"]


def names(**study):
    return [run.name for run in plan.runs_of(Study(**(dict(configs=CONFIGS, seeds=[0], results="r.csv") | study)))]


def test_seeds_are_outermost():
    runs = [(run.setting.config, run.seed) for run in plan.runs_of(Study(CONFIGS, [3, 1], "r.csv"))]
    assert runs == [(CONFIGS[0], 3), (CONFIGS[1], 3), (CONFIGS[0], 1), (CONFIGS[1], 1)]
    assert names() == ["s3gan-seed0", "mnist_5k_ssgan-seed0"]


def test_grid_has_all_combinations_with_names_of_their_own():
    study = Study(["s3gan.gin"], [0], "r.csv", vary={"ModularGAN.g_lr": [1e-4, 2e-4], "ModularGAN.loss": ["@hinge"]})
    runs = plan.runs_of(study)
    assert [run.arguments for run in runs] == [
        ("ModularGAN.g_lr = 0.0001", "ModularGAN.loss = @hinge"),
        ("ModularGAN.g_lr = 0.0002", "ModularGAN.loss = @hinge"),
    ]
    assert runs[0].setting == Setting("s3gan.gin", "ModularGAN.g_lr = 0.0001; ModularGAN.loss = @hinge")
    assert runs[0].name.startswith("s3gan-g_lr=0.0001-loss=_hinge-") and len({run.name for run in runs}) == 2


def test_names_depend_on_the_bindings_and_not_on_other_runs():
    with_bindings = names(bindings=["options.training_steps = 1200"])
    assert with_bindings != names() and with_bindings != names(bindings=["options.training_steps = 1300"])
    assert names(bindings=["options.training_steps = 1200"], configs=CONFIGS[1:]) == with_bindings[1:]


def test_configs_that_would_share_a_folder_have_folders_of_their_own():
    configs = ["a/b.gin", "a_b.gin", "c.gin"]
    first, second, third = names(configs=configs)
    assert first != second and all(name.startswith("a_b-") for name in (first, second)) and third == "c-seed0"
    assert names(configs=configs[::-1]) == [third, second, first]
    varied = names(configs=configs[:2], bindings=["a.b = 1"], vary={"c.d": [1, 2]}, seeds=[0, 1])
    assert len(set(varied)) == 8


def test_random_search_draws_the_same_points_again_and_more_of_them_with_a_larger_budget():
    vary = {"ModularGAN.g_lr": ("log_uniform", 1e-5, 1e-3), "options.z_dim": [32, 64], "x.y": ("uniform", -1, 1)}
    runs = plan.runs_of(Study(CONFIGS, [0], "r.csv", vary=vary, budget=40))
    few = names(vary=vary, budget=5, configs=CONFIGS[:1])
    assert [run.name for run in runs if run.setting.config == CONFIGS[0]][:5] == few
    assert few != names(vary=vary, budget=5, configs=CONFIGS[:1], seed=1)
    points = [[float(part.split(" = ")[1]) for part in run.arguments] for run in runs]
    assert points[:40:1] and [p for p in points if points.count(p) != 2] == []  # every config has the same points
    rates = sorted(rate for rate, _, _ in points)
    assert 1e-5 <= rates[0] < 5e-5 and 2e-4 < rates[-1] <= 1e-3
    assert sum(rate < 1e-4 for rate in rates) == pytest.approx(40, abs=18)  # half of them, on a logarithmic scale
    assert {size for _, size, _ in points} == {32, 64}
    assert min(y for _, _, y in points) < 0 < max(y for _, _, y in points)


def test_points_that_are_drawn_twice_run_once():
    assert len(names(vary={"options.z_dim": [32, 64]}, budget=50)) == 4


@pytest.mark.parametrize(
    "config, method, fraction",
    [
        ("mnist_5k/s3gan_co_10pct.gin", "s3gan_co", 10.0),
        ("s2gan_2_5pct.gin", "s2gan", 2.5),
        ("biggan_labeled_only_20pct.gin", "biggan_labeled_only", 20.0),
        ("mnist_5k/biggan.gin", "biggan", None),
        ("mine_10percent.gin", "mine_10percent", None),
    ],
)
def test_method_and_fraction_come_from_the_file_name(config, method, fraction):
    assert (Setting(config).method, Setting(config).fraction) == (method, fraction)


def test_fractions_are_columns_only_where_a_method_has_several():
    assert not plan.has_fractions(Study(["a/b_10pct.gin", "c/b_5pct.gin"], [0], "r.csv"))
    assert not plan.has_fractions(Study(["biggan.gin", "b_10pct.gin"], [0], "r.csv"))
    assert plan.has_fractions(Study(["biggan.gin", "b_10pct.gin", "b_5pct.gin"], [0], "r.csv"))


@pytest.mark.parametrize(
    "changes, message",
    [
        (dict(seeds=[]), "study.seeds: expected different values, at least one, got \\[\\]"),
        (dict(configs=["a.gin", "a.gin"]), "study.configs: expected different values"),
        (
            dict(configs=["a_10pct.gin", "a_10_0pct.gin"]),
            "differ in more than notation, got a_10pct.gin, a_10_0pct.gin",
        ),
        (dict(configs=["a.gin", "./a.gin"]), "differ in more than notation"),
        (dict(baseline="b.gin"), "study.baseline: expected one of study.configs, got 'b.gin'"),
        (dict(budget=3), "study.budget: expected 1 or more, and study.vary"),
        (dict(vary={"a.b": ("log_uniform", 1, 2)}), "a range needs study.budget"),
        (dict(vary={"a.b": ("log_uniform", 0, 2)}, budget=1), "expected 0 < low < high"),
        (dict(vary={"a.b": ("normal", 0, 2)}, budget=1), "expected a list of choices"),
        (dict(vary={"a.b": []}), "expected a list of choices"),
        (dict(vary={"lr": [1]}), "expected keys 'selector.parameter', got 'lr'"),
        (dict(vary={"run_config.tf_random_seed": [1]}), "comes from study.seeds"),
        (dict(bindings=["options.z_dim"]), "study.bindings: expected 'selector.parameter = value'"),
    ],
)
def test_plans_that_cannot_be_run_are_refused(changes, message):
    with pytest.raises(ConfigError, match=message):
        Study(**(dict(configs=["a.gin"], seeds=[0], results="r.csv") | changes))


def test_all_missing_configs_are_named_at_once():
    with pytest.raises(ConfigError, match="2 do not exist: no_such.gin, neither.gin"):
        plan.require_configs(Study(["s3gan.gin", "no_such.gin", "neither.gin"], [0], "r.csv"))


def test_every_shipped_study_has_a_plan():
    shipped = sorted((pathlib.Path(plan.GIN_CONFIGS) / "studies").glob("*.gin"))
    sizes = {}
    for path in shipped:
        configuration.parse([path], [])
        sizes[path.stem] = len(plan.runs_of(configuration.build(Study)))
    assert sizes == {"fewer_labels": 63, "mixed_precision": 6, "mnist_5k": 12}
