import pytest

from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.run_folder.tracking_ids import NAME, TrackingIds


def test_each_service_keeps_its_own(tmp_path):
    ids = TrackingIds(tmp_path)
    assert ids.get("wandb") is None and not list(tmp_path.iterdir())
    ids.record("wandb", "a1")
    ids.record("mlflow", "b2")
    again = TrackingIds(tmp_path)
    assert (again.get("wandb"), again.get("mlflow")) == ("a1", "b2")


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_a_damaged_file_is_named(tmp_path, content):
    (tmp_path / NAME).write_text(content)
    with pytest.raises(DamagedFileError, match="tracking.json: cannot be read .*delete it"):
        TrackingIds(tmp_path).get("wandb")
