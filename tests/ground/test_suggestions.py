from compare_gan2.ground.suggestions import did_you_mean


def test_the_nearest_known_name():
    known = ["options.z_dim", "options.batch_size", "loss.fn"]
    assert did_you_mean("options.zdim", known).startswith("; did you mean options.z_dim")
    assert did_you_mean("loss.fm", known) == "; did you mean loss.fn?"


def test_nothing_is_suggested_for_something_else():
    assert did_you_mean("xyzzy", ["options.z_dim"]) == did_you_mean("a", []) == ""


def test_names_need_not_be_text():
    assert did_you_mean(12, [11, 120]).startswith("; did you mean 1")
