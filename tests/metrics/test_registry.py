"""Metrics by name: registering one's own, choosing, bindings, and what a metric has to return."""

import dataclasses

import numpy as np
import pytest

from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics import registry
from compare_gan2.metrics.registry import METRICS, Row, choose, metric, settings_text
from compare_gan2.metrics.samples import ImageSet, Samples

ALL_NEEDS = set(registry.NEEDS)
DEFAULT_NEEDS = {"fake_features", "real_features", "fake_logits"}


@pytest.fixture(scope="module")
def brightness():
    """A metric as a user would write it, registered while this module's tests run."""

    @metric("brightness_for_tests", needs=["fake_images"], better="higher")
    def brightness(samples, power: float = 1.0):
        return np.mean(samples.fake.images**power)

    yield METRICS["brightness_for_tests"]
    del METRICS["brightness_for_tests"]


def samples(value=0.5):
    return Samples(ImageSet(2, images=np.full([2, 4, 4, 1], value, np.float32)), None, seed=0)


def test_a_plain_function_is_a_metric_with_gin_options(brightness):
    assert brightness.measure(samples()) == {"brightness_for_tests": 0.5}
    assert brightness.rows == {"brightness_for_tests": Row("Brightness for tests", "higher")}
    assert settings_text(brightness.settings()) == "power=1.0"
    config = parse([], ["brightness_for_tests.power = 2"])
    (bound,) = choose(["brightness_for_tests"], ALL_NEEDS, config)
    assert bound.measure(samples()) == {"brightness_for_tests": 0.25}
    assert settings_text(bound.settings()) == "power=2"
    assert config.record == {"brightness_for_tests.power": "2"}
    assert config.defaults == {"brightness_for_tests.power": "1.0"}
    assert config.unused == []
    assert registry.titles()["brightness_for_tests"] == "Brightness for tests (higher is better)"


def test_two_configurations_side_by_side(brightness):
    configs = [
        parse([], [f"brightness_for_tests.power = {power}", f"kid.max_block_size = {power}"]) for power in (2, 3)
    ]
    metrics = [choose(["brightness_for_tests", "kid"], ALL_NEEDS, config) for config in configs]
    assert [chosen[0].measure(samples())["brightness_for_tests"] for chosen in metrics] == [0.25, 0.125]
    assert [chosen[1].parameters for chosen in metrics] == [
        {"max_block_size": power, "images_in_order": False} for power in (2, 3)
    ]
    assert METRICS["kid"].parameters["max_block_size"] == 1024  # the table itself stays as it is
    assert brightness.measure(samples()) == {"brightness_for_tests": 0.5}
    assert [config.record["kid.max_block_size"] for config in configs] == ["2", "3"]


def test_only_chosen_metrics_are_recorded():
    config = parse([], ["kid.max_block_size = 7", "prd.num_runs = 3"])
    choose(["kid", "fid"], ALL_NEEDS, config)
    assert config.record == {"kid.images_in_order": "False", "kid.max_block_size": "7"}
    assert config.unused == ["prd.num_runs"]


@pytest.mark.parametrize(
    ("binding", "message"),
    [
        ("brightness_for_tests.power = 'two'", "brightness_for_tests.power: expected a finite number, got 'two'"),
        ("brightness_for_tests.samples = 1", "brightness_for_tests.*samples"),
        ("brightness_for_tests.height = 1", "brightness_for_tests.*height"),
    ],
)
def test_wrong_bindings_are_refused(brightness, binding, message):
    with pytest.raises(ConfigError, match=message):
        choose([brightness.name], ALL_NEEDS, parse([], [binding]))


def test_a_module_of_metrics_is_imported_by_gin(tmp_path, monkeypatch):
    (tmp_path / "imported_metrics.py").write_text(
        "from compare_gan2.metrics.registry import metric\n"
        "@metric('imported_for_tests', needs=['fake_images'])\n"
        "def imported(samples, scale: int = 1):\n"
        "    return scale * samples.fake.count\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    bindings = [
        "import imported_metrics",
        "imported_for_tests.scale = 3",
        "evaluation.metrics = ['imported_for_tests']",
    ]
    try:
        config = parse([], bindings)
        (imported,) = choose(["imported_for_tests"], ALL_NEEDS, config)
        assert imported.measure(samples()) == {"imported_for_tests": 6.0}
        assert config.imports == ["import imported_metrics"]
    finally:
        METRICS.pop("imported_for_tests", None)
    with pytest.raises(ConfigError, match="--gin_bindings: 'import no_such_module': there is no module"):
        parse([], ["import no_such_module"])


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ({"low": 1.0}, "two_rows_for_tests_.*: expected the rows low, high, got low"),
        ({"low": 1.0, "high": float("nan")}, "two_rows_for_tests_.*: high is nan"),
        (1.0, "expected the rows low, high, got two_rows_for_tests"),
    ],
)
def test_a_metric_has_to_give_its_rows(result, message):
    rows = {"low": Row("Low"), "high": Row("High", "higher")}
    name = f"two_rows_for_tests_{len(str(result))}"  # gin takes a name once
    metric(name, needs=["fake_images"], rows=rows)(lambda samples: result)
    with pytest.raises(ValueError, match=message):
        METRICS.pop(name).measure(samples())


def test_a_metric_that_fails_midway_says_why():
    """Progress is not reported twice, which its display refuses with a message of its own."""
    steps = []

    @metric("fails_midway_for_tests", needs=["fake_images"])
    def fails(samples):
        if samples.progress is not None:
            samples.progress(1, 2)
        raise ValueError("image 1 is too plain")

    given = dataclasses.replace(samples(), progress=lambda *step: steps.append(step))
    with pytest.raises(ValueError, match="image 1 is too plain"):
        METRICS.pop("fails_midway_for_tests").measure(given)
    assert steps == [(1, 2)]


def test_names_are_taken_once_and_needs_are_known():
    with pytest.raises(ValueError, match="metric 'fid': there is one of this name already"):
        metric("fid", needs=[])
    with pytest.raises(ValueError, match="expected needs among fake_images, .* got fake_sounds"):
        metric("sound", needs=["fake_sounds"])
    with pytest.raises(ValueError, match="metric 'mine': another metric has the rows fid, kid"):
        metric("mine", needs=[], rows={"fid": Row("FID"), "kid": Row("KID"), "mine": Row("Mine")})
    assert not {"sound", "mine"} & METRICS.keys()


def names(asked, available, option="evaluation.metrics"):
    return [each.name for each in choose(asked, available, parse(), option)]


def test_default_is_what_can_be_computed():
    assert names(None, DEFAULT_NEEDS) == ["fid", "classifier_score"]
    everything = DEFAULT_NEEDS | {"fake_labels", "class_logits"}
    assert names(None, everything) == ["fid", "classifier_score", "conditional_accuracy"]
    labelled = DEFAULT_NEEDS | {"fake_labels", "real_labels"}  # on a network that does not know the classes
    assert names(None, labelled) == ["fid", "classifier_score", "neighbour_agreement"]
    assert names(None, labelled | {"class_logits"}) == ["fid", "classifier_score", "conditional_accuracy"]


def chosen(asked, available, *bindings, **others):
    return {each.name: each.unusable for each in choose(asked, available, parse([], bindings), "--metrics", **others)}


def test_all_are_those_whose_needs_are_met(brightness, caplog):
    found = chosen(["all"], {"fake_images", "fake_logits"})
    assert (
        found.keys()
        == {each.name for each in METRICS.values() if each.needs <= {"fake_images", "fake_logits"}}
        >= {"brightness_for_tests", "ms_ssim", "brisque"}
    )
    assert {name for name, reason in found.items() if reason} == {"brisque"}
    assert found["brisque"].startswith("brisque: expected the model of the package brisque, which is not installed")
    with pytest.raises(ConfigError, match="ms_ssim.batch_size: expected a whole number"):  # a mistake, not a lack
        chosen(["all"], {"fake_images"}, "ms_ssim.batch_size = 0")


def test_a_metric_that_cannot_be_computed_is_kept_beside_one_that_can(brightness):
    lack = "--metrics: 'fid' needs a feature network; real images and a feature network"
    assert chosen(["fid", "ms_ssim"], {"fake_images"}, keep_unusable=True) == {"fid": lack, "ms_ssim": ""}
    for asked, others in ((["fid"], {"keep_unusable": True}), (["fid", "ms_ssim"], {})):
        with pytest.raises(ConfigError, match=lack):
            chosen(asked, {"fake_images"}, **others)
    fid = choose(["fid", "ms_ssim"], {"fake_images"}, parse(), "--metrics", keep_unusable=True)[0]
    assert not fid.needs and fid.settings() == {}
    with pytest.raises(ValueError, match=lack):
        fid.measure(samples())


def test_all_stands_alone_and_is_no_name_of_a_metric():
    with pytest.raises(ConfigError, match="'all' is for all metrics and stands alone, got all, fid"):
        names(["all", "fid"], ALL_NEEDS)
    with pytest.raises(ValueError, match="metric 'all': there is one of this name already"):
        metric("all", needs=[])


def test_named_metrics_have_to_be_computable():
    assert names(["classifier_score", "fid"], DEFAULT_NEEDS) == ["classifier_score", "fid"]
    with pytest.raises(ConfigError, match="evaluation.metrics: 'conditional_accuracy' needs a feature network whose"):
        names(["conditional_accuracy"], DEFAULT_NEEDS | {"fake_labels"})
    with pytest.raises(
        ConfigError, match="evaluation.metrics: expected metrics among .*fid.*, got 'fidd'; did you mean f"
    ):
        names(["fidd"], ALL_NEEDS)
    with pytest.raises(ConfigError, match="--metrics: expected names of different metrics, got \\['fid', 'fid'\\]"):
        names(["fid", "fid"], ALL_NEEDS, "--metrics")
    with pytest.raises(ConfigError, match="expected names of different metrics"):
        names([], ALL_NEEDS)
