"""Operations of a TensorFlow graph as layers and operations of Keras, one function for each type.

A function takes the walk (`plain_keras`), the graph's operation and the values of its inputs, and returns the value of
its output, or a list of them. A value is a symbolic `keras.KerasTensor`, a computed `tf.Tensor`, or, of a shape whose
number of rows is free, `ROWS` or a tuple of whole numbers with `ROWS` among them.
"""

import functools
import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

ROWS = "rows"


class Refused(Exception):
    """An operation, or an option of one, without a counterpart here; the text says which."""


def unknown(build, operation, *values):
    """Raises `Refused`."""
    raise Refused(operation.type)


def _is_symbolic(value):
    return isinstance(value, keras.KerasTensor)


def _whole(operation, value):
    """Computed whole numbers as a number or a tuple of them."""
    if _is_symbolic(value):
        raise Refused(f"{operation.type} by values of the inputs")
    if isinstance(value, (tuple, str)):
        return value
    found = np.asarray(value)
    return int(found) if found.ndim == 0 else tuple(int(number) for number in found)


def _elementwise(function):
    def run(build, operation, *values):
        if any(map(_is_symbolic, values)):
            values = [value if _is_symbolic(value) else build.constant(value, operation) for value in values]
        return function(*values)

    return run


def _same(build, operation, *values):
    return list(values)


def _constant(build, operation):
    return tf.constant(tf.make_ndarray(operation.get_attr("value")))


def _read(build, operation, handle):
    return tf.raw_ops.ReadVariableOp(resource=handle, dtype=operation.get_attr("dtype"))


def _conv(build, operation, inputs, kernel):
    _require(operation, data_format=b"NHWC", padding=(b"SAME", b"VALID"))
    how = {
        "strides": tuple(operation.get_attr("strides")[1:3]),
        "padding": operation.get_attr("padding").decode().lower(),
        "data_format": "channels_last",
        "dilation_rate": tuple(operation.get_attr("dilations")[1:3]),
    }
    if _is_symbolic(kernel) or not _is_symbolic(inputs):
        return ops.conv(inputs, kernel, **how)
    how["groups"] = inputs.shape[-1] // kernel.shape[2]
    layer = keras.layers.Conv2D
    return build.layer(operation, layer, inputs, kernel, kernel.shape[3], tuple(kernel.shape[:2]), **how)


def _transposed_conv(build, operation, shape, kernel, inputs):
    _require(operation, data_format=b"NHWC", padding=(b"SAME", b"VALID"), dilations=[1, 1, 1, 1])
    strides = tuple(operation.get_attr("strides")[1:3])
    padding = operation.get_attr("padding").decode().lower()
    if _is_symbolic(kernel) or not _is_symbolic(inputs):
        raise Refused("a transposed convolution whose kernel is computed")
    sizes, wanted = kernel.shape[:2], _whole(operation, shape)[1:3]
    cut = [size // 2 if padding == "same" else 0 for size in sizes]
    added = [
        want - ((have - 1) * step + size - 2 * less)
        for want, have, step, size, less in zip(wanted, inputs.shape[1:3], strides, sizes, cut, strict=True)
    ]
    if not all(0 <= more < step for more, step in zip(added, strides, strict=True)):
        added = None  # what Keras adds by itself
    how = {"strides": strides, "padding": padding, "data_format": "channels_last", "output_padding": added}
    layer = keras.layers.Conv2DTranspose
    outputs = build.layer(operation, layer, inputs, kernel, kernel.shape[2], tuple(sizes), **how)
    if tuple(outputs.shape[1:3]) != tuple(wanted):
        raise Refused(f"a transposed convolution from {inputs.shape[1:3]} to {wanted}")
    return outputs


def _matmul(build, operation, left, right):
    names = ("transpose_a", "transpose_b") if operation.type == "MatMul" else ("adj_x", "adj_y")
    left, right = (
        ops.swapaxes(value, -1, -2) if operation.get_attr(name) else value
        for value, name in zip((left, right), names, strict=True)
    )
    if _is_symbolic(left) and not _is_symbolic(right) and len(right.shape) == 2:
        return build.layer(operation, keras.layers.Dense, left, right, right.shape[1])
    return _elementwise(ops.matmul)(build, operation, left, right)


def _pool(function):
    def run(build, operation, inputs):
        _require(operation, data_format=b"NHWC", padding=(b"SAME", b"VALID"))
        sizes, strides = (tuple(operation.get_attr(name)[1:3]) for name in ("ksize", "strides"))
        padding = operation.get_attr("padding").decode().lower()
        return function(inputs, sizes, strides, padding, data_format="channels_last")

    return run


def _shape(build, operation, inputs):
    if not _is_symbolic(inputs):
        return tf.shape(inputs)
    return tuple(ROWS if size is None else size for size in inputs.shape)


def _pack(build, operation, *values):
    if ROWS in [value for value in values if isinstance(value, str)]:
        return tuple(_whole(operation, value) for value in values)
    axis = operation.get_attr("axis")
    return _elementwise(lambda *values: ops.stack(values, axis=axis))(build, operation, *values)


def _strided_slice(build, operation, inputs, begin, end, strides):
    begin, end, strides = (_whole(operation, value) for value in (begin, end, strides))
    masks = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    key = []
    for i, (first, last, step) in enumerate(zip(begin, end, strides, strict=True)):
        no_begin, no_end, ellipsis, new, shrink = (operation.get_attr(name) >> i & 1 for name in masks)
        part = slice(None if no_begin else first, None if no_end else last, None if step == 1 else step)
        key.append(... if ellipsis else None if new else first if shrink else part)
    if isinstance(inputs, tuple):
        return inputs[key[0]]
    return inputs[tuple(key)]


def _reshape(build, operation, inputs, shape):
    shape = _whole(operation, shape)
    if ROWS in shape and -1 in shape:  # one of them can be left to Keras, and each row keeps its values
        rest = math.prod(inputs.shape[1:]) // math.prod(size for size in shape if size not in (ROWS, -1))
        shape = tuple(rest if size == -1 else size for size in shape)
    return ops.reshape(inputs, tuple(-1 if size == ROWS else size for size in shape))


def _broadcast(build, operation, inputs, shape):
    shape = _whole(operation, shape)
    if not _is_symbolic(inputs) and ROWS not in shape:
        return tf.broadcast_to(inputs, shape)
    if not _is_symbolic(inputs):  # a value for all rows
        whole = tf.broadcast_to(inputs, [1, *shape[1:]])
        return ops.add(ops.cast(build.zeros(len(shape)), whole.dtype.name), build.constant(whole, operation))
    missing = len(shape) - len(inputs.shape)
    own = (1,) * missing + tuple(inputs.shape)
    if any(size == ROWS != (ROWS if have is None else have) for size, have in zip(shape, own, strict=True)):
        raise Refused("rows from one")
    repeats = tuple(1 if have is None else size // have for size, have in zip(shape, own, strict=True))
    outputs = ops.reshape(inputs, (*[1] * missing, *(-1 if s is None else s for s in inputs.shape)))
    return ops.tile(outputs, repeats)


def _fill(build, operation, shape, value):
    return _broadcast(build, operation, value, shape)


def _pad(mode):
    def run(build, operation, inputs, widths, value=None):
        widths = [list(map(int, pair)) for pair in np.asarray(widths)]
        return ops.pad(inputs, widths, mode, **({} if value is None else {"constant_values": float(value)}))

    return run


def _reduced(function):
    def run(build, operation, inputs, axes):
        axes = _whole(operation, axes)
        return function(inputs, axis=axes, keepdims=operation.get_attr("keep_dims"))

    return run


def _concat(build, operation, *values):
    *parts, axis = values
    axis = _whole(operation, axis)
    return _elementwise(lambda *parts: ops.concatenate(parts, axis=axis))(build, operation, *parts)


def _split(build, operation, axis, inputs):
    return list(ops.split(inputs, operation.get_attr("num_split"), axis=_whole(operation, axis)))


def _split_sizes(build, operation, inputs, sizes, axis):
    ends = np.cumsum(_whole(operation, sizes))[:-1].tolist()
    return list(ops.split(inputs, ends, axis=_whole(operation, axis))) if ends else [inputs]


def _unpack(build, operation, inputs):
    if isinstance(inputs, tuple):
        return list(inputs)
    return list(ops.unstack(inputs, axis=operation.get_attr("axis")))


def _with_numbers(function):
    """Function for an operation whose second input is whole numbers: axes, a permutation, multiples."""
    return lambda build, operation, inputs, numbers: function(inputs, _whole(operation, numbers))


def _squeezed(build, operation, inputs):
    return ops.squeeze(inputs, tuple(operation.get_attr("squeeze_dims")) or None)


def _cast(build, operation, inputs):
    return ops.cast(inputs, operation.get_attr("DstT").name)


def _leaky_relu(build, operation, inputs):
    return ops.leaky_relu(inputs, operation.get_attr("alpha"))


def _argmax(build, operation, inputs, axis):
    return ops.argmax(inputs, axis=_whole(operation, axis))


def _one_hot(build, operation, numbers, depth, on, off):
    if (float(on), float(off)) != (1.0, 0.0):
        raise Refused("OneHot of other values than 1 and 0")
    how = {"axis": operation.get_attr("axis"), "dtype": operation.get_attr("T").name}
    return ops.one_hot(numbers, _whole(operation, depth), **how)


def _require(operation, **attributes):
    for name, known in attributes.items():
        value = operation.get_attr(name)
        if value not in known if isinstance(known, tuple) else value != known:
            raise Refused(f"{operation.type} with {name} {value}")


def _squared_difference(left, right):
    return ops.square(ops.subtract(left, right))


_ELEMENTWISE = {
    **{"Add": ops.add, "AddV2": ops.add, "BiasAdd": ops.add, "Sub": ops.subtract, "Mul": ops.multiply},
    **{"RealDiv": ops.true_divide, "Pow": ops.power, "Maximum": ops.maximum, "Minimum": ops.minimum},
    **{"Greater": ops.greater, "GreaterEqual": ops.greater_equal, "Less": ops.less, "LessEqual": ops.less_equal},
    **{"Abs": ops.abs, "Cos": ops.cos, "Elu": ops.elu, "Erf": ops.erf, "Exp": ops.exp, "Log": ops.log},
    **{"Neg": ops.negative, "Relu": ops.relu, "Relu6": ops.relu6, "Rsqrt": ops.rsqrt, "Selu": ops.selu},
    **{"Sigmoid": ops.sigmoid, "Sin": ops.sin, "Softmax": ops.softmax, "Softplus": ops.softplus, "Sqrt": ops.sqrt},
    **{"Square": ops.square, "Tanh": ops.tanh, "ZerosLike": ops.zeros_like, "OnesLike": ops.ones_like},
    "SelectV2": ops.where,
    "SquaredDifference": _squared_difference,
}
OF_SHAPES = {  # types whose inputs may be a shape
    *("BroadcastTo", "Conv2DBackpropInput", "Fill", "Identity", "Pack", "Reshape", "StridedSlice", "Unpack"),
}
WITH_KERNELS = {"Conv2D", "Conv2DBackpropInput", "MatMul", "BatchMatMulV2"}
_REDUCED = {"Max": ops.max, "Mean": ops.mean, "Min": ops.min, "Sum": ops.sum}
_SAME = ("EnsureShape", "Identity", "IdentityN", "PreventGradient", "StopGradient")


@functools.cache
def operations():
    """{type of a graph's operation: function}."""
    return {
        **{name: _elementwise(function) for name, function in _ELEMENTWISE.items()},
        **{name: _reduced(function) for name, function in _REDUCED.items()},
        **dict.fromkeys(_SAME, _same),
        **{"Const": _constant, "ReadVariableOp": _read},
        **{"Conv2D": _conv, "Conv2DBackpropInput": _transposed_conv, "MatMul": _matmul, "BatchMatMulV2": _matmul},
        **{"AvgPool": _pool(ops.average_pool), "MaxPool": _pool(ops.max_pool)},
        **{"Shape": _shape, "Pack": _pack, "StridedSlice": _strided_slice, "Reshape": _reshape, "Fill": _fill},
        **{"BroadcastTo": _broadcast, "Pad": _pad("constant"), "PadV2": _pad("constant"), "ConcatV2": _concat},
        **{"Split": _split, "SplitV": _split_sizes, "Unpack": _unpack, "Squeeze": _squeezed, "Cast": _cast},
        **{"ExpandDims": _with_numbers(ops.expand_dims), "ReverseV2": _with_numbers(ops.flip)},
        **{"Tile": _with_numbers(ops.tile), "Transpose": _with_numbers(ops.transpose)},
        **{"LeakyRelu": _leaky_relu, "ArgMax": _argmax, "OneHot": _one_hot},
    }
