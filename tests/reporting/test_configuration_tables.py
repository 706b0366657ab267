import inspect

import pytest
from support.written_run import write_run

from compare_gan2.config.declare import gin_text, named, signature
from compare_gan2.reporting.configuration_tables import changed_options, configuration_parts, differing_parts
from compare_gan2.reporting.run_facts import read_runs
from compare_gan2.runs.declarations import declare_all


@pytest.fixture(scope="module", autouse=True)
def declared():
    declare_all()


def test_options_are_compared_with_their_defaults():
    default = gin_text(signature(named("S3GAN")[0])[0]["use_predictor"])
    recorded = {
        "S3GAN.use_predictor": default,
        "S3GAN.rotated_batch_fraction": "7",
        "labels.fraction": "0.1",
        "options.batch_size": "16",
        "gone.option": "1",
        "--data_fake_dataset": "False",
    }
    assert signature(named("options")[0])[0]["batch_size"] is not inspect.Parameter.empty
    found = {name: texts for name, *texts in changed_options(recorded)}
    assert found["labels.fraction"] == ["0.1", "1.0"]
    assert found["options.batch_size"] == ["16", None] and found["gone.option"] == ["1", None]
    assert found.keys() == recorded.keys() - {"S3GAN.use_predictor", "--data_fake_dataset"}


def test_differences_between_runs_whatever_their_class(tmp_path):
    other = {"options.gan_class": "@SSGAN", "SSGAN.d_lr": "0.1", "SSGAN.rotated_batch_size": "4"}
    paths = [write_run(tmp_path / "a"), write_run(tmp_path / "b", options=other)]
    table, details = differing_parts(read_runs(paths))
    assert table.header == ["option", "a", "b"]
    rows = {name: values for name, *values in table.rows}
    assert rows["ModularGAN.d_lr"] == ["0.0005", "0.1"] and rows["options.gan_class"] == ["@S3GAN", "@SSGAN"]
    assert "labels.fraction" not in rows  # the same
    partial = {name: values for name, *values in details.parts[0].rows}
    assert partial["SSGAN.rotated_batch_size"] == ["-", "4"] and len(partial) == int(details.summary.split()[0])


def test_an_option_that_two_classes_define_is_one_row(tmp_path):
    rotation = "weight_rotation_loss_d"
    first = write_run(tmp_path / "a", options={f"S3GAN.{rotation}": "0.5"})
    for value, names in (("0.5", set()), ("0.25", {f"S3GAN or SSGAN.{rotation}"})):
        second = {"options.gan_class": "@SSGAN", f"SSGAN.{rotation}": value}
        runs = read_runs([first, write_run(tmp_path / value, options=second)])
        shown = {name for part in differing_parts(runs)[:1] for name, *_ in part.rows}
        assert {name for name in shown if name.endswith(rotation)} == names


def test_runs_of_one_configuration(tmp_path):
    (part,) = differing_parts(read_runs([write_run(tmp_path / "a"), write_run(tmp_path / "b")]))
    assert part.text == "The recorded configurations of all runs are the same."


def test_all_of_a_configuration_can_be_copied(tmp_path):
    (run,) = read_runs([write_run(tmp_path / "a", options={"--data_fake_dataset": "False"})])
    *_, whole = configuration_parts([run])
    text = whole.parts[0].text
    assert "labels.fraction = 0.1\n" in f"{text}\n" and "# --data_fake_dataset = False" in text
    assert text == (tmp_path / "a" / "operative_config-0.gin").read_text().strip()
