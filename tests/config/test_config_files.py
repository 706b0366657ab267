"""Which file a name leads to, and what of it is read."""

import contextlib

import pytest

from compare_gan2.config import config_files
from compare_gan2.config.config_files import SHIPPED, find, read_text, shipped_names, texts_of
from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import Options
from compare_gan2.ground.errors import ConfigError


@pytest.fixture
def here(tmp_path):
    """A folder of one's own as the working directory."""
    with contextlib.chdir(tmp_path):
        yield tmp_path


@pytest.mark.parametrize("name", ["mnist_5k/biggan.gin", "gin_configs/mnist_5k/biggan.gin"])
def test_a_shipped_file_is_found_from_anywhere(name, here):
    assert find(name) == SHIPPED / "mnist_5k" / "biggan.gin"


def test_a_path_wins_over_the_folder_of_the_includer_and_that_over_shipped_ones(here):
    shipped = find("s3gan.gin")
    (here / "parts").mkdir()
    (here / "parts" / "s3gan.gin").touch()
    assert find("s3gan.gin", here / "parts") == here / "parts" / "s3gan.gin" != shipped
    (here / "s3gan.gin").touch()
    assert find("s3gan.gin", here / "parts").resolve() == here / "s3gan.gin"
    assert find(here / "parts" / "s3gan.gin") == here / "parts" / "s3gan.gin"


@pytest.mark.parametrize(
    "name, hint",
    [
        ("s3gam.gin", "; did you mean s3gan.gin"),
        ("mnist_5k/bigan.gin", "; did you mean mnist_5k/biggan.gin"),
        ("gin_configs/mnist_5k/bigan.gin", "; did you mean mnist_5k/biggan.gin"),
        ("mnist_5k/biggan", "; did you mean mnist_5k/biggan.gin"),
        ("with/lecm.gin", "; did you mean with/lecam.gin"),
    ],
)
def test_the_nearest_shipped_file_is_suggested(name, hint, here):
    with pytest.raises(ConfigError, match=rf"--gin_config: there is no file {name}, neither .* shipped .*{hint}"):
        find(name)


def test_files_joined_as_in_a_study(here):
    with pytest.raises(ConfigError, match="s3gan.gin.with/lecam.gin; name several files by --gin_config for each"):
        find("s3gan.gin+with/lecam.gin")


def test_without_a_near_one_nothing_is_suggested(here):
    with pytest.raises(ConfigError) as caught:
        find("xyzzy.gin", option="include")
    assert str(caught.value).startswith("include: there is no file xyzzy.gin") and "did you" not in str(caught.value)


def test_a_folder_is_no_file(here):
    (here / "mine").mkdir()
    with pytest.raises(ConfigError, match="--gin_config: expected a file of gin bindings, mine is a folder"):
        find("mine")


def test_shipped_names_are_those_that_can_be_run():
    names = shipped_names()
    assert {"s3gan.gin", "mnist_5k/biggan.gin", "imagenet128/ssgan.gin"} <= set(names) and names == sorted(names)
    assert not [name for name in names if name.startswith("parts/")]
    assert all(find(name) == SHIPPED / name for name in names)


def test_a_byte_order_mark_is_not_a_part_of_the_text(tmp_path):
    path = tmp_path / "windows.gin"
    path.write_bytes(b"\xef\xbb\xbfoptions.z_dim = 7\r\noptions.lamba = 2\r\n")
    assert read_text(path).startswith("options.z_dim")
    assert parse([path]).bound_value(Options, "z_dim") == 7
    assert parse([path]).bound_value(Options, "lamba") == 2


def test_other_bytes_are_refused(tmp_path):
    path = tmp_path / "picture.gin"
    path.write_bytes(b"\xff\xfe\x00")
    for read in (read_text, lambda path: parse([path])):
        with pytest.raises(ConfigError, match="--gin_config: .*picture.gin cannot be read: "):
            read(path)


def test_an_include_is_found_beside_the_file_that_includes_it(tmp_path):
    (tmp_path / "below" / "deeper").mkdir(parents=True)
    (tmp_path / "whole.gin").write_text("include 'below/part.gin'\noptions.z_dim = 3\n")
    (tmp_path / "below" / "part.gin").write_text('include "deeper/leaf.gin"  # beside this one\noptions.z_dim = 2\n')
    (tmp_path / "below" / "deeper" / "leaf.gin").write_text("options.batch_size = 5\noptions.z_dim = 1\n")
    config = parse([tmp_path / "whole.gin"])
    assert (config.bound_value(Options, "z_dim"), config.bound_value(Options, "batch_size")) == (3, 5)
    assert [path.name for path in texts_of([tmp_path / "whole.gin"])] == ["whole.gin", "part.gin", "leaf.gin"]
    (tmp_path / "below" / "deeper" / "leaf.gin").unlink()
    for read in (parse, texts_of):
        with pytest.raises(ConfigError, match="^include: there is no file deeper/leaf.gin"):
            read([tmp_path / "whole.gin"])


def test_a_file_of_ones_own_includes_shipped_ones(tmp_path):
    (tmp_path / "mine.gin").write_text("include 'mnist_5k/biggan.gin'\noptions.training_steps = 11\n")
    mine, shipped = parse([tmp_path / "mine.gin"]), parse(["mnist_5k/biggan.gin"])
    assert mine.bound_value(Options, "training_steps") == 11
    assert mine.bound_value(Options, "batch_size") == shipped.bound_value(Options, "batch_size") is not None
    assert config_files.find("mnist_5k/biggan.gin") in texts_of([tmp_path / "mine.gin"])


def test_files_that_include_each_other_are_refused(tmp_path):
    (tmp_path / "a.gin").write_text("include 'b.gin'\n")
    (tmp_path / "b.gin").write_text("include 'a.gin'\n")
    with pytest.raises(ConfigError, match=r"include: .*a\.gin includes itself: .*a\.gin includes .*b\.gin includes"):
        parse([tmp_path / "a.gin"])
    (tmp_path / "a.gin").write_text("include 'a.gin'\n")
    with pytest.raises(ConfigError, match="includes itself"):
        parse([tmp_path / "a.gin"])
    assert [path.name for path in texts_of([tmp_path / "b.gin"])] == ["b.gin", "a.gin"]  # each once


def test_one_file_may_be_included_twice(tmp_path):
    (tmp_path / "part.gin").write_text("options.z_dim = 1\n")
    (tmp_path / "whole.gin").write_text("include 'part.gin'\noptions.z_dim = 2\ninclude 'part.gin'\n")
    assert parse([tmp_path / "whole.gin"]).bound_value(Options, "z_dim") == 1  # later lines win


def test_several_files_and_bindings_in_their_order(tmp_path):
    (tmp_path / "a.gin").write_text("options.z_dim = 1\noptions.batch_size = 1\noptions.lamba = 1\n")
    (tmp_path / "b.gin").write_text("options.z_dim = 2\noptions.batch_size = 2\n")
    config = parse([tmp_path / "a.gin", tmp_path / "b.gin"], ["options.z_dim = 3"])
    assert [config.bound_value(Options, name) for name in ("z_dim", "batch_size", "lamba")] == [3, 2, 1]
