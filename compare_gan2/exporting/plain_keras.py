"""A function of tensors as a model of Keras' own layers and operations, which Keras loads without this package.

The function's graph is walked once. What depends on no input is computed here and now; the rest becomes a layer that
holds its weights, or an operation of `keras.ops`.
"""

import dataclasses
import re

import keras
import numpy as np
import tensorflow as tf

from compare_gan2.exporting.keras_operations import OF_SHAPES, WITH_KERNELS, Refused, operations, unknown
from compare_gan2.ground.errors import ConfigError

_LARGE = 4096  # values; a constant with more is a weight, not text in the description of the model


def plain_model(function, specs, name):
    """Functional `keras.Model`: named inputs in a dictionary -> what the function returns, a tensor or a dictionary.

    Args:
        function: of tensors; what it computes is the same at each call.
        specs: list of a named `tf.TensorSpec` with a free number of rows for each argument.
        name: of the model.

    Raises:
        ConfigError: if the function computes something that Keras has no operation for.
    """
    concrete = tf.function(function, input_signature=specs, autograph=False).get_concrete_function()
    inputs = {spec.name: keras.Input(spec.shape[1:], dtype=spec.dtype.name, name=spec.name) for spec in specs}
    build = _Build(concrete, next(iter(inputs.values())))
    for placeholder, symbolic in zip(concrete.inputs, inputs.values(), strict=False):  # captured values follow them
        build.values[placeholder.ref()] = symbolic
    for operation in concrete.graph.get_operations():
        build.add(operation)
    outputs = tf.nest.map_structure(lambda tensor: build.values[tensor.ref()], concrete.structured_outputs)
    return keras.Model(inputs, outputs, name=name)


@dataclasses.dataclass(eq=False)
class _Build:
    """The walk through a graph: {reference of a graph's tensor: value}; see `keras_operations` for the values."""

    concrete: tf.types.experimental.ConcreteFunction
    first: keras.KerasTensor  # an input, from which the number of rows is known

    def __post_init__(self):
        self.values = {inner.ref(): outer for outer, inner in self.concrete.graph.captures}
        self.known = {}  # {what is computed: its values}: what a graph computes twice is computed once
        self.names = set()

    def add(self, operation):
        """Computes the outputs of an operation, unless they are known."""
        outputs = operation.outputs
        if not outputs or all(output.ref() in self.values for output in outputs):
            return
        given = [self.values[value.ref()] for value in operation.inputs]
        self.bias, total = self._bias_after(operation) if operation.type in WITH_KERNELS else (None, None)
        attributes = sorted((name, value.SerializeToString()) for name, value in operation.node_def.attr.items())
        place = (operation.type, *attributes, *map(id, [*given, self.bias]))
        if place not in self.known:
            self.has_bias = False
            found = self._computed(operation, given)
            kept = given, self.bias  # so that their ids stay theirs
            self.known[place] = found if isinstance(found, list) else [found], self.has_bias, kept
        found, has_bias, _ = self.known[place]
        for output, value in zip(outputs, found, strict=True):
            self.values[output.ref()] = value
        if has_bias:
            self.values[total.ref()] = found[0]

    def _computed(self, operation, given):
        try:
            if operation.type not in OF_SHAPES and any(isinstance(value, (tuple, str)) for value in given):
                raise Refused(f"{operation.type} of a shape")
            return operations().get(operation.type, unknown)(self, operation, *given)
        except Refused as error:
            reason = f"computes {error}, which has no counterpart among Keras' operations here"
        except (TypeError, ValueError) as error:  # of Keras, for arguments that its operation does not take
            reason = f"cannot be made of Keras' operations: {operation.type}: {str(error).splitlines()[0]}"
        raise ConfigError(f"--format: keras: {operation.name} {reason}; export as saved_model or onnx")

    def _bias_after(self, operation):
        """(variable that is added to the output of an operation, the sum) if nothing else reads the output."""
        readers = operation.outputs[0].consumers()
        if [reader.type for reader in readers] != ["BiasAdd"]:
            return None, None
        bias = next(v for v in readers[0].inputs if v is not operation.outputs[0])
        if bias.op.type != "ReadVariableOp":
            return None, None
        self.add(bias.op)
        return self.values[bias.ref()], readers[0].outputs[0]

    def layer(self, operation, layer_class, inputs, kernel, *arguments, **options):
        """Output of a layer without activation, with a kernel and the bias that follows."""
        self.has_bias = self.bias is not None
        options |= {"use_bias": self.has_bias, "name": self.name_of(operation), "dtype": inputs.dtype}
        layer = layer_class(*arguments, **options)
        outputs = layer(inputs)
        values = [kernel] if self.bias is None else [kernel, self.bias]
        layer.set_weights([tf.cast(value, tf.float32).numpy() for value in values])
        return outputs

    def name_of(self, operation):
        """Unused name of a layer after an operation's."""
        name = base = re.sub(r"[^\w.-]+|_\d+(?=/)", "_", operation.name.rpartition("/")[0] or operation.name).strip("_")
        count = 1
        while name in self.names:
            count += 1
            name = f"{base}_{count}"
        self.names.add(name)
        return name

    def constant(self, value, operation):
        """A computed value as the argument of a symbolic operation."""
        if value.shape.rank == 0:  # a number of Python's, which takes the type of the other argument
            return (tf.cast(value, tf.float32) if value.dtype.is_floating else value).numpy().item()
        value = value.numpy()
        if value.size <= _LARGE:
            return value
        one = keras.ops.reshape(keras.ops.add(keras.ops.sum(keras.ops.zeros_like(self.first)), 1.0), (1, 1))
        layer = keras.layers.Dense(value.size, use_bias=False, name=f"{self.name_of(operation)}_value")
        flat = layer(one)
        layer.set_weights([value.astype(np.float32).reshape([1, -1])])
        return keras.ops.cast(keras.ops.reshape(flat, value.shape), value.dtype.name)

    def zeros(self, rank):
        """Symbolic zeros [N, 1, ..., 1], from which operations take the number of rows."""
        rows = keras.ops.reshape(self.first, (-1, int(np.prod(self.first.shape[1:]))))[:, :1]
        return keras.ops.reshape(keras.ops.zeros_like(rows), (-1, *[1] * (rank - 1)))
