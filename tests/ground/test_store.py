"""Results that are stored once: by a key of all they follow from, whole or not at all."""

import json
import os

import numpy as np
import pytest

from compare_gan2.ground import files, store
from compare_gan2.ground.errors import DamagedFileError


def test_a_key_follows_from_values_and_not_from_their_order():
    facts = {"name": "mnist", "sizes": [1, 2], "more": {"a": 1, "b": None}}
    key = store.key_of(facts)
    assert len(key) == 64 and set(key) <= set("0123456789abcdef")
    assert store.key_of({"sizes": [1, 2], "more": {"b": None, "a": 1}, "name": "mnist"}) == key
    changed = [facts | {"name": "mnist2"}, facts | {"sizes": [2, 1]}, facts | {"more": {"a": 1}}]
    assert len({key, *map(store.key_of, changed)}) == 4


def test_arrays_come_back_with_their_manifest(tmp_path):
    path = tmp_path / "a.npz"
    arrays = {"images": np.arange(6, dtype=np.uint8).reshape(2, 3), "labels": np.array([0.5], np.float32)}
    store.write_arrays(path, {"of": ["a", 1]}, arrays)
    found, manifest = store.read_arrays(path, "features")
    assert manifest == {"of": ["a", 1]} and found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
    assert os.listdir(tmp_path) == ["a.npz"]


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "no manifest", "objects", "missing"])
def test_another_file_is_named_with_the_way_out(tmp_path, damage):
    path = tmp_path / "a.npz"
    store.write_arrays(path, {}, {"values": np.zeros([100])})
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:300])
    elif damage == "no manifest":
        np.savez(path, values=np.zeros(3))
    elif damage == "objects":
        np.savez(path, manifest=np.array({}, dtype=object))
    elif damage == "missing":
        path.unlink()
    else:
        path.write_text("something else" if damage == "text" else "")
    with pytest.raises(DamagedFileError, match=f"^{path}: cannot be read as features .*; make it again$"):
        store.read_arrays(path, "features", "make it again")


def test_json_is_sorted_and_comes_back(tmp_path):
    path = tmp_path / "a.json"
    store.write_json(path, {"b": 1, "a": [None, 0.5]})
    assert path.read_text().index('"a"') < path.read_text().index('"b"') and path.read_text().endswith("}\n")
    assert store.read_json(path, "") == json.loads(path.read_text()) == {"b": 1, "a": [None, 0.5]}


@pytest.mark.parametrize("content", [b"", b'{"a": ', b"[1]", b"\xff\xfe", None])
def test_another_json_file_is_named(tmp_path, content):
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DamagedFileError, match=f"^{path}: .*; move it away$"):
        store.read_json(path, "move it away")


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "old"
    path.write_text("old")
    with pytest.raises(TypeError):
        store.write_json(path, {"a": {1}})
    with pytest.raises(TypeError):
        store.write_arrays(path, {"a": {1}}, {})
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["old"]


def test_a_lock_that_is_held_is_reported_and_waited_for(tmp_path):
    class Busy(Exception):
        pass

    def busy():
        raise Busy

    with files.holding(open(tmp_path / "lock", "ab")):
        with pytest.raises(Busy), files.holding(open(tmp_path / "lock", "ab"), busy):
            raise AssertionError("two are inside")
    with files.holding(open(tmp_path / "lock", "ab"), busy):
        pass  # the lock ended with the first block
