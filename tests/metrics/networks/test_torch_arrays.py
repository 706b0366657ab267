"""Arrays of a `.pth` file: what PyTorch writes is read, whatever else a pickle can hold is refused and not run."""

import collections
import pickle
import struct

import numpy as np
import pytest

from compare_gan2.metrics.networks.torch_arrays import read_arrays

HEADER = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}]


class Storage:
    def __init__(self, kind, values):
        self.kind, self.values = kind, values


class Writer(pickle._Pickler):  # in Python, so that names of modules that are not here can be written
    def persistent_id(self, value):
        if isinstance(value, Storage):
            size = len(value.values)
            return ("storage", value.kind, str(id(value)), "cpu", size, None)
        return None

    def save_global(self, value, name=None):
        if isinstance(value, Name):
            self.write(pickle.GLOBAL + value.text.encode())
            return self.memoize(value)
        return super().save_global(value, name)


class Name:
    """A name in a pickle, such as "torch FloatStorage"."""

    def __init__(self, text):
        self.text = text.replace(" ", "\n") + "\n"

    def __reduce__(self):
        return self.text  # which makes the pickler call `save_global`

    def __call__(self):
        raise AssertionError("only written")


def file_of(state, storages, header=HEADER):
    """Bytes of a file as PyTorch wrote them before 1.6."""
    import io

    file = io.BytesIO()
    for part in header:
        pickle.dump(part, file, 2)
    Writer(file, 2).dump(state)
    pickle.dump([str(id(storage)) for storage in storages], file, 2)
    for storage in storages:
        file.write(struct.pack("<q", len(storage.values)) + storage.values.tobytes())
    return file.getvalue()


class Tensor:
    def __init__(self, storage, offset, shape, strides):
        self.of = (storage, offset, shape, strides, False, collections.OrderedDict())

    def __reduce__(self):
        return Name("torch._utils _rebuild_tensor_v2"), self.of


def floats(*values):
    return Storage(Name("torch FloatStorage"), np.array(values, "<f4"))


def test_tensors_of_any_strides_and_types():
    numbers, count = floats(*range(6)), Storage(Name("torch LongStorage"), np.array([7], "<i8"))
    state = collections.OrderedDict(
        whole=Tensor(numbers, 0, (2, 3), (3, 1)),
        turned=Tensor(numbers, 0, (3, 2), (1, 3)),
        part=Tensor(numbers, 4, (2,), (1,)),
        count=Tensor(count, 0, (), ()),
    )
    found = read_arrays(file_of(state, [numbers, count]))
    assert list(found) == ["whole", "turned", "part", "count"]
    np.testing.assert_array_equal(found["whole"], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(found["turned"], found["whole"].T)
    np.testing.assert_array_equal(found["part"], [4, 5])
    assert found["count"] == 7 and found["whole"].dtype == np.float32


@pytest.mark.parametrize("name", ["posix system", "builtins eval", "torch._utils _rebuild_parameter", "torch load"])
def test_a_name_of_anything_else_is_refused_before_it_is_called(name, tmp_path):
    class Evil:
        def __reduce__(self):
            return Name(name), (f"touch {tmp_path / 'evil'}",)

    with pytest.raises(ValueError, match=f"it names {name.replace(' ', '.')}, expected tensors alone"):
        read_arrays(file_of(collections.OrderedDict(weight=Evil()), []))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [(0, (2, 3), (3, 2)), (1, (6,), (1,)), (-1, (2,), (1,)), (0, (2,), (-1,)), (0, (2,), (1, 1)), (0, (10**15,), (1,))],
)
def test_a_tensor_beyond_its_storage_is_refused(offset, shape, strides):
    numbers = floats(*range(6))
    with pytest.raises(ValueError, match="tensor (that is larger than its storage|of no shape)"):
        read_arrays(file_of(collections.OrderedDict(weight=Tensor(numbers, offset, shape, strides)), [numbers]))


def test_other_files_are_refused():
    numbers = floats(1.0)
    state = collections.OrderedDict(weight=Tensor(numbers, 0, (1,), (1,)))
    whole = file_of(state, [numbers])
    assert read_arrays(whole)["weight"] == [1.0]
    for content in (b"", b"PK\x03\x04", whole[:10], whole[: len(whole) // 2], pickle.dumps({"weight": 1}), whole[:-1]):
        with pytest.raises(ValueError):
            read_arrays(content)
    with pytest.raises(ValueError, match="little-endian"):
        read_arrays(file_of(state, [numbers], [*HEADER[:2], {"little_endian": False}]))
    with pytest.raises(ValueError, match="first format"):
        read_arrays(file_of(state, [numbers], [HEADER[0], 1002, HEADER[2]]))
