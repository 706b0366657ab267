import pytest

from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import ConfigError
from compare_gan2.studies.label_fractions import PerClass, label_fractions
from compare_gan2.studies.plan import Setting, Study


def test_fractions_are_those_that_files_and_bindings_bind():
    configs = ["mnist_5k/biggan.gin", "mnist_5k/s2gan_soft.gin", "s3gan.gin", "imagenet128/s3gan_2_5pct.gin"]
    study = Study(configs, [0, 1], "r.csv", vary={"labels.fraction": [0.05, 0.07]}, vary_only=["s3gan.gin"])
    assert label_fractions(study) == {
        Setting("mnist_5k/biggan.gin"): None,
        Setting("mnist_5k/s2gan_soft.gin"): 10.0,
        Setting("s3gan.gin", "labels.fraction = 0.05"): 5.0,
        Setting("s3gan.gin", "labels.fraction = 0.07"): 7.0,
        Setting("imagenet128/s3gan_2_5pct.gin"): 2.5,
    }


def test_bindings_of_all_runs_count_and_names_of_files_do_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine_10pct.gin").write_text("include 'mnist_5k/s3gan_co.gin'\nlabels.fraction = 0.3\n")
    assert set(label_fractions(Study(["mine_10pct.gin"], [0], "r.csv")).values()) == {30.0}
    study = Study(["mine_10pct.gin", "mnist_5k/ssgan.gin"], [0], "r.csv", bindings=["labels.fraction = 0.2"])
    assert set(label_fractions(study).values()) == {20.0}


def test_a_fraction_out_of_range_is_refused():
    with pytest.raises(ConfigError, match="labels.fraction: expected a number above 0 and at most 1, got 5"):
        label_fractions(Study(["s3gan.gin"], [0], "r.csv", bindings=["labels.fraction = 5"]))


def test_fractions_of_the_shipped_study():
    study = parse(["studies/fewer_labels.gin"]).build(Study)
    fractions = list(label_fractions(study).values())
    assert len(fractions) == 21 and fractions.count(None) == 7
    assert [fractions.count(share) for share in (5.0, 10.0, 20.0)] == [4, 6, 4]


def test_numbers_per_class_count_before_fractions():
    vary = {"labels.fraction": [1.0], "labels.per_class": [4, None]}
    study = Study(["mnist_5k/biggan.gin", "s3gan.gin"], [0], "r.csv", vary=vary, vary_only=["s3gan.gin"])
    assert list(label_fractions(study).values()) == [None, PerClass(4.0), PerClass(float("inf"))]
    tenth = Study(["s3gan.gin"], [0], "r.csv", bindings=["labels.per_class = None"])
    assert list(label_fractions(tenth).values()) == [10.0]
