"""The arrays of a `.pth` file of PyTorch's first format (before 1.6), without PyTorch.

The file is a row of pickles (a number that marks the format, its version, sizes of the machine that wrote it, the
tensors, the names of their storages), then each storage as its length and its values.
"""

import collections
import io
import pickle
import struct

import numpy as np

_MARK, _VERSION = 0x1950A86A20F9469CFC6C, 1001
_Storage = collections.namedtuple("_Storage", "key dtype size")
_Tensor = collections.namedtuple("_Tensor", "storage offset shape strides")


def read_arrays(content):
    """{name: array} of the state of a model: all tensors of 32-bit floats and 64-bit whole numbers in it.

    Args:
        content: bytes of the file.

    Raises:
        ValueError: for anything else, which includes any pickle that names something other than a tensor.
    """
    file = io.BytesIO(content)
    try:
        if (_Unpickler(file).load(), _Unpickler(file).load()) != (_MARK, _VERSION):
            raise ValueError("it is not a file of PyTorch's first format")
        if _Unpickler(file).load().get("little_endian") is not True:
            raise ValueError("its numbers are not little-endian")
        reader = _Unpickler(file)
        tensors, keys = reader.load(), _Unpickler(file).load()
        values = {key: _values(file, reader.storages[key]) for key in keys}
        return {str(name): _array(tensor, values) for name, tensor in tensors.items()}
    except (pickle.UnpicklingError, AttributeError, EOFError, IndexError, KeyError, TypeError, struct.error) as error:
        raise ValueError(f"it is not the state of a model: {type(error).__name__}: {error}") from error


class _Unpickler(pickle.Unpickler):
    """Makes records of tensors and storages, and refuses every other name, so that no code of a file can run."""

    def __init__(self, file):
        super().__init__(file)
        self.storages = {}  # key -> `_Storage` of all that the tensors refer to

    def find_class(self, module, name):
        allowed = {
            ("collections", "OrderedDict"): _State,
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("torch", "FloatStorage"): np.dtype("<f4"),
            ("torch", "LongStorage"): np.dtype("<i8"),
        }
        if (module, name) not in allowed:
            raise pickle.UnpicklingError(f"it names {module}.{name}, expected tensors alone")
        return allowed[module, name]

    def persistent_load(self, reference):
        kind, dtype, key, _, size, view = reference
        if kind != "storage" or not isinstance(dtype, np.dtype) or view is not None:
            raise pickle.UnpicklingError(f"it refers to {kind!r}, expected a whole storage")
        return self.storages.setdefault(key, _Storage(key, dtype, size))


class _State(collections.OrderedDict):
    """A dictionary that takes attributes, as PyTorch gives the state of a model one, and keeps none."""

    def __setstate__(self, _):
        pass


def _tensor(storage, offset, shape, strides, *_):
    if not isinstance(storage, _Storage):
        raise pickle.UnpicklingError("it holds a tensor without a storage")
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


def _values(file, storage):
    """The values of the next storage of a file."""
    (size,) = struct.unpack("<q", file.read(8))
    content = file.read(max(size, 0) * storage.dtype.itemsize)
    if size != storage.size or len(content) != size * storage.dtype.itemsize:
        raise ValueError(f"its storage {storage.key} has {len(content)} bytes, not {storage.size} numbers")
    return np.frombuffer(content, storage.dtype)


def _array(tensor, values):
    """A tensor as an array of its own; its strides, in numbers, may be in any order."""
    found = values[tensor.storage.key]
    if len(tensor.shape) != len(tensor.strides) or min((0, tensor.offset, *tensor.shape, *tensor.strides)) < 0:
        raise ValueError("it holds a tensor of no shape")
    if 0 in tensor.shape:
        return np.zeros(tensor.shape, found.dtype)
    last = sum((side - 1) * stride for side, stride in zip(tensor.shape, tensor.strides, strict=True))
    if tensor.offset + last >= len(found):
        raise ValueError("it holds a tensor that is larger than its storage")
    strides = [stride * found.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(found[tensor.offset :], tensor.shape, strides).copy()
