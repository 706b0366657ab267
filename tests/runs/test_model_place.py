"""Where a trained model may lie."""

import pytest

from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.model_place import has_saved_networks, require_model


@pytest.mark.parametrize("name", ["model.ckpt-3.index", "operative_config-3.gin", "generator.keras"])
def test_a_folder_that_holds_a_model(name, tmp_path):
    (tmp_path / name).touch()
    require_model(tmp_path)
    assert has_saved_networks(tmp_path) == (name == "generator.keras")


def test_a_file_is_a_saved_network(tmp_path):
    path = tmp_path / "mine.keras"
    path.touch()
    require_model(str(path))
    assert has_saved_networks(path)


@pytest.mark.parametrize(
    "name, message",
    [
        ("nowhere", "--model_dir: expected the folder of a run, .*, there is no .*nowhere"),
        ("", "--model_dir: expected the folder of a run, one with generator.keras, or a .keras file, .* holds neither"),
        ("export", "--model_dir: .*export is an export without generator.keras; export its run with --format=keras"),
    ],
)
def test_what_holds_no_model(name, message, tmp_path):
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "export.json").touch()
    with pytest.raises(ConfigError, match=message):
        require_model(tmp_path / name)
