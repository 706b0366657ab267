"""Bindings that were given and not read."""

from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import RunConfig
from compare_gan2.config.unused_bindings import warn_of_unused


def test_only_given_bindings_that_nothing_read_are_named(caplog):
    lines = ["run_config.tf_random_seed = 3", "standing_statistics.num_samples = 64"]
    config = parse([], ["options.z_dim = 8", *lines])
    config.build(RunConfig)
    warn_of_unused(config, lines, "this command")
    assert [record.getMessage() for record in caplog.records] == [
        "bound but not used by this command: standing_statistics.num_samples"
    ]
    caplog.clear()
    warn_of_unused(config, lines[:1], "this command")
    assert not caplog.records
