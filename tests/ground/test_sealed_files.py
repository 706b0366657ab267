import pytest

from compare_gan2.ground import files, sealed_files
from compare_gan2.ground.errors import DamagedFileError


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / "a.json"
    sealed_files.write(path, b"one")
    assert sealed_files.read(path) == b"one"
    sealed_files.write(path, b"two")
    assert sealed_files.read(path) == b"two"
    assert sorted(each.name for each in tmp_path.iterdir()) == [".a.json.sha256", "a.json"]


@pytest.mark.parametrize("content", [b"", b"on", b"onf", b"one\n"])
def test_other_bytes_are_refused_until_the_checksum_is_deleted(content, tmp_path):
    path = tmp_path / "a.json"
    sealed_files.write(path, b"one")
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match=f"{path}: damaged or changed .* delete .a.json.sha256 beside it"):
        sealed_files.read(path)
    sealed_files.seal_path(path).unlink()
    assert sealed_files.read(path) == content


def test_a_kill_between_checksum_and_file_is_no_damage(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    sealed_files.write(path, b"one")
    replacing = files.replacing

    def killed(target):
        if target == path:
            raise KeyboardInterrupt
        return replacing(target)

    monkeypatch.setattr(files, "replacing", killed)
    with pytest.raises(KeyboardInterrupt):
        sealed_files.write(path, b"two")
    monkeypatch.undo()
    assert sealed_files.read(path) == b"one"
    sealed_files.write(path, b"two")
    assert sealed_files.read(path) == b"two"
