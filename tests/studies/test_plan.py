import dataclasses

import pytest

from compare_gan2.config.config_files import shipped_names
from compare_gan2.config.configuration import parse
from compare_gan2.datasets.labels.label_options import LabelOptions
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.declarations import declare_all
from compare_gan2.studies import plan
from compare_gan2.studies.plan import Setting, Study
from compare_gan2.studies.runs import training_command

CONFIGS = ["s3gan.gin", "mnist_5k/ssgan.gin"]


def names(**study):
    return [run.name for run in plan.runs_of(Study(**(dict(configs=CONFIGS, seeds=[0], results="r.csv") | study)))]


def test_seeds_are_outermost():
    runs = [(run.setting.config, run.seed) for run in plan.runs_of(Study(CONFIGS, [3, 1], "r.csv"))]
    assert runs == [(CONFIGS[0], 3), (CONFIGS[1], 3), (CONFIGS[0], 1), (CONFIGS[1], 1)]
    assert names() == ["s3gan-seed0", "mnist_5k_ssgan-seed0"]


def test_grid_has_all_combinations_with_names_of_their_own():
    study = Study(["s3gan.gin"], [0], "r.csv", vary={"ModularGAN.g_lr": [1e-4, 2e-4], "loss.fn": ["@hinge"]})
    runs = plan.runs_of(study)
    assert [run.arguments for run in runs] == [
        ("ModularGAN.g_lr = 0.0001", "loss.fn = @hinge"),
        ("ModularGAN.g_lr = 0.0002", "loss.fn = @hinge"),
    ]
    assert runs[0].setting == Setting("s3gan.gin", "ModularGAN.g_lr = 0.0001; loss.fn = @hinge")
    assert runs[0].name.startswith("s3gan-g_lr=0.0001-fn=_hinge-") and len({run.name for run in runs}) == 2


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


def test_a_config_of_several_files():
    configs = ["s3gan.gin", "s3gan.gin + with/ada.gin", "mnist_5k/ssgan.gin + with/ada.gin + with/lecam.gin"]
    study = Study(configs, [0], "r.csv", baseline=configs[1])
    plan.require_configs(study)
    runs = plan.runs_of(study)
    assert [run.name for run in runs] == [
        "s3gan-seed0",
        "s3gan+with_ada-seed0",
        "mnist_5k_ssgan+with_ada+with_lecam-seed0",
    ]
    assert runs[2].setting.files == ["mnist_5k/ssgan.gin", "with/ada.gin", "with/lecam.gin"]
    with pytest.raises(ConfigError, match=r"1 do not exist: with/adda.gin"):
        plan.require_configs(Study(["s3gan.gin + with/adda.gin", "s3gan.gin + with/ada.gin"], [0], "r.csv"))
    with pytest.raises(ConfigError, match="differ in more than notation"):
        Study(["a.gin + b.gin", "a.gin + ./b.gin"], [0], "r.csv")


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


def test_only_some_configs_vary():
    study = Study(CONFIGS, [0, 1], "r.csv", vary={"labels.fraction": [0.05, 0.2]}, vary_only=["s3gan.gin"])
    settings = [Setting("s3gan.gin", f"labels.fraction = {share}") for share in (0.05, 0.2)]
    assert plan.settings_of(study) == [*settings, Setting("mnist_5k/ssgan.gin")]
    assert [run.name.rsplit("-", 2)[0] for run in plan.runs_of(study)[:2]] == [
        "s3gan-fraction=0.05",
        "s3gan-fraction=0.2",
    ]
    drawn = Study(CONFIGS, [0], "r.csv", vary={"x.y": ("uniform", 0, 1)}, vary_only=["s3gan.gin"], budget=3)
    assert [run.setting.config for run in plan.runs_of(drawn)] == ["s3gan.gin"] * 3 + ["mnist_5k/ssgan.gin"]


@pytest.mark.parametrize(
    "config, method, family",
    [
        ("mnist_5k/s3gan_co.gin", "s3gan_co", "mnist_5k/s3gan_co"),
        ("imagenet128/s2gan_2_5pct.gin", "s2gan", "imagenet128/s2gan"),
        ("s2gan_soft_20pct.gin", "s2gan_soft", "s2gan_soft"),
        ("mine_10percent.gin", "mine_10percent", "mine_10percent"),
        ("mnist_5k/biggan.gin + with/ada.gin", "biggan + ada", "mnist_5k/biggan + ada"),
    ],
)
def test_method_is_the_file_without_folder_and_ending_of_a_fraction(config, method, family):
    assert (Setting(config).method, Setting(config).family) == (method, family)


def test_other_bindings_are_those_beside_the_label_fraction():
    assert Setting("a.gin", "x.y = 1; labels.fraction = 0.05; labels.seed = 2").other_bindings == (
        "x.y = 1; labels.seed = 2"
    )
    assert Setting("a.gin", "labels.fraction = 0.05").other_bindings == Setting("a.gin").other_bindings == ""


@pytest.mark.parametrize(
    "changes, message",
    [
        (dict(seeds=[]), "study.seeds: expected different values, at least one, got \\[\\]"),
        (dict(configs=["a.gin", "a.gin"]), "study.configs: expected different values"),
        (dict(configs=["a.gin", "./a.gin"]), "differ in more than notation, got a.gin, ./a.gin"),
        (dict(configs=["x/a.gin", "gin_configs/x/a.gin"]), "differ in more than notation"),
        (dict(vary_only=["a.gin"]), "study.vary_only: expected study.vary beside it"),
        (dict(vary={"a.b": [1]}, vary_only=["b.gin"]), "some of study.configs, got .'b.gin'.; did you mean a.gin?"),
        (dict(vary={"a.b": [1]}, vary_only=[]), "some of study.configs, got ..$"),
        (dict(baseline="b.gin"), "study.baseline: expected one of study.configs, got 'b.gin'"),
        (dict(budget=3), "study.budget: expected study.vary to draw from, got 3 alone"),
        (dict(vary={"a.b": ("log_uniform", 1, 2)}), "a range needs study.budget"),
        (dict(vary={"a.b": ("log_uniform", 0, 2)}, budget=1), "expected 0 < low < high"),
        (dict(vary={"a.b": ("normal", 0, 2)}, budget=1), "expected a list of choices"),
        (dict(vary={"a.b": []}), "expected a list of choices"),
        (dict(vary={"lr": [1]}), "expected keys 'selector.parameter', got 'lr'"),
        (dict(vary={"run_config.tf_random_seed": [1]}), "comes from study.seeds"),
        (dict(follow_seed=["seed"]), "study.follow_seed: expected options such as 'labels.seed' .* got 'seed'"),
        (dict(follow_seed=["a.b"], vary={"a.b": [1]}), "study.follow_seed: .* that nothing else binds, got 'a.b'"),
        (dict(bindings=["options.z_dim"]), "study.bindings: expected 'selector.parameter = value'"),
    ],
)
def test_plans_that_cannot_be_run_are_refused(changes, message):
    with pytest.raises(ConfigError, match=message):
        Study(**(dict(configs=["a.gin"], seeds=[0], results="r.csv") | changes))


def test_all_missing_configs_are_named_at_once():
    with pytest.raises(ConfigError, match="2 do not exist: no_such.gin, neither.gin"):
        plan.require_configs(Study(["s3gan.gin", "no_such.gin", "neither.gin"], [0], "r.csv"))
    with pytest.raises(ConfigError, match="1 do not exist: mnist_5k/s3gan_c.gin; did you mean mnist_5k/s3gan_co.gin"):
        plan.require_configs(Study(["mnist_5k/s3gan_c.gin"], [0], "r.csv"))


def test_configs_are_found_as_gin_config_finds_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.gin").write_text("labels.fraction = 0.1\n")
    plan.require_configs(Study(["mine.gin", "mnist_5k/biggan.gin"], [0], "r.csv"))


def test_options_that_follow_the_seed_are_bound_in_each_run_and_tell_no_settings_apart():
    study = Study(["s3gan.gin"], [0, 5], "r.csv", vary={"labels.per_class": [1, None]}, follow_seed=["labels.seed"])
    runs = plan.runs_of(study)
    assert [run.seeded for run in runs] == [("labels.seed = 0",)] * 2 + [("labels.seed = 5",)] * 2
    assert plan.settings_of(study) == [Setting("s3gan.gin", f"labels.per_class = {n}") for n in (1, None)]
    assert [command.count("--gin_bindings=labels.seed = 5") for command in map(command_of, runs)] == [0, 0, 1, 1]
    alone = plan.runs_of(dataclasses.replace(study, follow_seed=[]))
    assert not {run.name for run in runs} & {run.name for run in alone} and len({run.name for run in runs}) == 4
    (first, _) = plan.runs_of(Study(["s3gan.gin"], [0, 1], "r.csv", follow_seed=["labels.seed"]))
    assert first.name.startswith("s3gan-") and first.name != "s3gan-seed0"


def command_of(run):
    return training_command(run, "runs/a")


def test_one_label_per_class_binds_numbers_of_labels_that_every_run_can_have():
    study = parse(["studies/one_label.gin"]).build(Study)
    runs = {run.setting: run for run in plan.runs_of(study) if run.seed == 2}
    declare_all()
    for setting, run in runs.items():
        labels = parse([setting.config], [*run.arguments, *run.seeded]).build(LabelOptions)
        assert labels.seed == 2 and labels.fraction == 1.0
        if study.varies(setting.config):
            assert f"labels.per_class = {labels.per_class}" in run.arguments


ONE_LABEL = {"studies/one_label.gin": 93, "studies/one_label_chosen.gin": 9}


def test_every_shipped_study_has_a_plan():
    shipped = [name for name in shipped_names() if name.startswith("studies/")]
    sizes = {name: len(plan.runs_of(parse([name]).build(Study))) for name in shipped}
    expected = {"studies/fewer_labels.gin": 63, "studies/mixed_precision.gin": 6, "studies/mnist_5k.gin": 12}
    expected |= {"studies/modern.gin": 12}
    expected |= {"studies/limited_images.gin": 90, "studies/label_heads.gin": 21, "studies/fashion_mnist.gin": 26}
    assert sizes == {**expected, "studies/brisque.gin": 9, "studies/emoji.gin": 15, **ONE_LABEL}
