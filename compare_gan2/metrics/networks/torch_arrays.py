"""The arrays of a `.pth` file of PyTorch's first format (before 1.6), without PyTorch.

The file is a row of pickles (a number that marks the format, its version, sizes of the machine that wrote it, the
tensors, the names of their storages), then each storage as its length and its values. The pickles are read operation
by operation as values; nothing is imported or called.
"""

import collections
import io
import pickletools
import struct

import numpy as np

_MARK, _VERSION = 0x1950A86A20F9469CFC6C, 1001
_Storage = collections.namedtuple("_Storage", "key dtype size")
_Tensor = collections.namedtuple("_Tensor", "storage offset shape strides")
_DTYPES = {"torch FloatStorage": "<f4", "torch LongStorage": "<i8"}
_STATE, _REBUILD = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"
_NAMES = {*_DTYPES, _STATE, _REBUILD}
_VALUES = {"BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE", "SHORT_BINUNICODE"}  # operations with a plain value
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def read_arrays(content):
    """{name: array} of the state of a model: all tensors of 32-bit floats and 64-bit whole numbers in it.

    Args:
        content: bytes of the file.

    Raises:
        ValueError: for anything else, which includes any pickle that names something other than a tensor.
    """
    file = io.BytesIO(content)
    try:
        if (_Values().read(file), _Values().read(file)) != (_MARK, _VERSION):
            raise ValueError("it is not a file of PyTorch's first format")
        if _Values().read(file).get("little_endian") is not True:
            raise ValueError("its numbers are not little-endian")
        reader = _Values()
        tensors, keys = reader.read(file), _Values().read(file)
        values = {key: _numbers(file, reader.storages[key]) for key in keys}
        return {str(name): _array(tensor, values) for name, tensor in tensors.items()}
    except (AttributeError, IndexError, KeyError, TypeError, struct.error) as error:
        raise ValueError(f"it is not the state of a model: {type(error).__name__}: {error}") from error


class _Values:
    """The stack of one pickle, of plain values and records of tensors.

    Attributes:
        storages: {key: `_Storage`} of all that the tensors refer to.
    """

    def __init__(self):
        self.storages = {}
        self._stack, self._marks, self._memo = [], [], {}

    def read(self, file):
        """The value of the pickle that begins at the position of a file, which is left behind it."""
        for operation, argument, _ in pickletools.genops(file):
            self._step(operation.name, argument)
        return self._stack.pop()

    def _step(self, name, argument):
        stack = self._stack
        if name in _VALUES:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in ("EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE"):
            stack.append({"EMPTY_DICT": {}, "EMPTY_LIST": [], "EMPTY_TUPLE": ()}[name])
        elif name == "MARK":
            self._marks.append(len(stack))
        elif name in _TUPLES:
            stack[-_TUPLES[name] :] = [tuple(stack[-_TUPLES[name] :])]
        elif name == "TUPLE":
            members = self._above_mark()
            stack.append(tuple(members))
        elif name in ("APPENDS", "APPEND"):
            members = self._above_mark() if name == "APPENDS" else [stack.pop()]
            stack[-1].extend(members)
        elif name in ("SETITEMS", "SETITEM"):
            members = self._above_mark() if name == "SETITEMS" else [stack.pop(-2), stack.pop()]
            stack[-1].update(zip(members[::2], members[1::2], strict=True))
        elif name in ("BINPUT", "LONG_BINPUT"):
            self._memo[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(self._memo[argument])
        elif name == "GLOBAL":
            if argument not in _NAMES:
                raise ValueError(f"it names {argument.replace(' ', '.')}, expected tensors alone")
            stack.append(argument)
        elif name == "BINPERSID":
            stack.append(self._storage(*stack.pop()))
        elif name == "REDUCE":
            arguments, called = stack.pop(), stack.pop()
            stack.append(_made(called, arguments))
        elif name == "BUILD":
            stack.pop()  # attributes that PyTorch gives to the state
        elif name not in ("PROTO", "STOP"):
            raise ValueError(f"it holds the operation {name}, expected those of tensors alone")

    def _above_mark(self):
        start = self._marks.pop()
        members = self._stack[start:]
        del self._stack[start:]
        return members

    def _storage(self, kind, name, key, _, size, view):
        if kind != "storage" or view is not None:
            raise ValueError(f"it refers to {kind!r}, expected a whole storage")
        return self.storages.setdefault(key, _Storage(key, np.dtype(_DTYPES[name]), size))


def _made(called, arguments):
    """What the two calls give that the state of a model needs."""
    if called == _STATE and not arguments:
        return {}
    if called != _REBUILD or not isinstance(arguments[0], _Storage):
        raise ValueError("it calls something, expected tensors alone")
    storage, offset, shape, strides = arguments[:4]
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


def _numbers(file, storage):
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
