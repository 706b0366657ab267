"""Work and exchange of a generator step, counted in the graph of a replica."""

import dataclasses
import math

CONVOLUTIONS = ("Conv2D", "Conv2DBackpropFilter", "Conv2DBackpropInput")
PRODUCTS = ("MatMul", "BatchMatMulV2", "BatchMatMulV3")
EXCHANGE = "CollectiveReduceV2"


@dataclasses.dataclass(frozen=True)
class Counts:
    """Of one generator step on one replica.

    Attributes:
        operations: floating-point operations of convolutions and matrix products, 2 per multiplication.
        moved: bytes that these read and write. What lies between them is counted as if it were part of them, as a
            compiler that fuses elementwise work has it; without that, several times as many bytes move.
        exchanges: bytes of each all-reduce, in no order.
    """

    operations: float
    moved: float
    exchanges: tuple

    @property
    def exchanged(self):
        """Bytes of all exchanges together."""
        return sum(self.exchanges)


def counts_of(function, replicas):
    """`Counts` of a concrete function that runs a step on this many replicas of one process.

    Raises:
        ValueError: if a shape is not known.
    """
    reached = [operation for operation in _reached(function.graph)]
    work = [operation for operation in reached if operation.type in (*CONVOLUTIONS, *PRODUCTS)]
    exchanges = [_bytes(operation.outputs[0]) for operation in reached if operation.type == EXCHANGE]
    moved = sum(_bytes(tensor) for operation in work for tensor in (*operation.inputs, *operation.outputs))
    return Counts(
        operations=sum(map(_operations, work)) / replicas,
        moved=moved / replicas,
        exchanges=tuple(sorted(exchanges)[::replicas]),  # each replica has one of the same size
    )


def _reached(graph):
    """Operations that results and side effects depend on."""
    waiting = [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    found = set()
    while waiting:
        operation = waiting.pop()
        if operation not in found:
            found.add(operation)
            waiting += [tensor.op for tensor in operation.inputs] + list(operation.control_inputs)
    return found


def _operations(operation):
    inputs, output = operation.inputs, operation.outputs[0]
    if operation.type == "Conv2D":
        return 2 * _size(output) * math.prod(inputs[1].shape[:3])
    if operation.type == "Conv2DBackpropFilter":
        return 2 * _size(inputs[2]) * math.prod(output.shape[:3])
    if operation.type == "Conv2DBackpropInput":
        return 2 * _size(inputs[2]) * math.prod(inputs[1].shape[:3])
    transposed = operation.get_attr("transpose_a" if operation.type == "MatMul" else "adj_x")
    return 2 * _size(output) * inputs[0].shape[-2 if transposed else -1]


def _size(tensor):
    if not tensor.shape.is_fully_defined():
        raise ValueError(f"{tensor.name}: what it costs cannot be counted, its shape is {tensor.shape}")
    return math.prod(tensor.shape)


def _bytes(tensor):
    return _size(tensor) * tensor.dtype.size
