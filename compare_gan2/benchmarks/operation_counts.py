"""Work, memory traffic and exchange of a step, from the shapes of the operations in its graph.

Two operations are counted per multiplication that an operation's shapes imply; N, H, W are those of the convolution's
output (of a transposed one: its input), K is the side of its kernel:

    convolution, its gradient by the images, its gradient by the kernel:   2 N H W K K C_in C_out each
    matrix product [m, k] @ [k, n]:                                        2 m k n

Elementwise work is not counted. Of a step as this package writes it, that is the useful work: doubling counts 9
multiplications per input pixel, halving 16 per output pixel, shortcuts count on the small side, and operations with
unused results do not count, since only what results depend on is visited. But what is computed twice to save memory
counts twice: with `remat` the blocks' forward pass, and always the scores of attention, under a hundredth of a step.
"""

import dataclasses
import math

from compare_gan2.training.graph_memory import called, reached

CONVOLUTIONS = ("Conv2D", "Conv2DBackpropFilter", "Conv2DBackpropInput")
PRODUCTS = ("MatMul", "BatchMatMulV2", "BatchMatMulV3")
HIDDEN = ("StatefulPartitionedCall", "While", "StatelessWhile", "If")
EXCHANGE = "CollectiveReduceV2"


@dataclasses.dataclass(frozen=True)
class Counts:
    """Counts of one generator step on one replica.

    Attributes:
        operations: floating-point operations of convolutions and matrix products.
        moved: bytes that these read and write. Elementwise work between them is counted as fused into them, as by a
            compiler; without fusion, several times as many bytes move.
        exchanges: bytes of each all-reduce, in no order.
    """

    operations: float
    moved: float
    exchanges: tuple

    @property
    def exchanged(self):
        """Bytes of all exchanges together."""
        return sum(self.exchanges)


def counts_of(function, replicas=1):
    """`Counts` of a concrete function (from `get_concrete_function`) that replicas of one process run.

    Raises:
        ValueError: if a shape is not known, or work hides in a function that it calls.
    """
    visited = _with_called(function.graph)
    hidden = next((operation for operation in visited if operation.type in HIDDEN), None)
    if hidden is not None:
        raise ValueError(f"{hidden.name}: operations inside of a {hidden.type} cannot be counted")
    work = [operation for operation in visited if operation.type in (*CONVOLUTIONS, *PRODUCTS)]
    exchanges = [_bytes(operation.outputs[0]) for operation in visited if operation.type == EXCHANGE]
    moved = sum(_bytes(tensor) for operation in work for tensor in (*operation.inputs, *operation.outputs))
    return Counts(
        operations=sum(map(_operations, work)) / replicas,
        moved=moved / replicas,
        exchanges=tuple(sorted(exchanges)[::replicas]),  # each replica has one of the same size
    )


def _with_called(graph):
    """List of the operations that results of a graph depend on, with those of the functions that it calls."""
    visited = []
    for operation in reached(graph):
        if operation.type == "PartitionedCall":
            visited += _with_called(called(operation))
        else:
            visited.append(operation)
    return visited


def _operations(operation):
    inputs, output = operation.inputs, operation.outputs[0]
    if operation.type in CONVOLUTIONS:
        # The strided side is the output of a convolution, and an input of its two gradients.
        strided = output if operation.type == "Conv2D" else inputs[2]
        kernel = output if operation.type == "Conv2DBackpropFilter" else inputs[1]
        return 2 * _size(strided) * math.prod(kernel.shape[:3])
    transposed = operation.get_attr("transpose_a" if operation.type == "MatMul" else "adj_x")
    return 2 * _size(output) * inputs[0].shape[-2 if transposed else -1]


def _size(tensor):
    if not tensor.shape.is_fully_defined():
        raise ValueError(f"{tensor.name}: what it costs cannot be counted, its shape is {tensor.shape}")
    return math.prod(tensor.shape)


def _bytes(tensor):
    return _size(tensor) * tensor.dtype.size
