"""Floating-point operations of a traced function, from the shapes of its convolutions and matrix products.

Counted are 2 operations per multiplication that an operation's shapes ask for; N, H, W are those of the convolution's
output (of a transposed one: its input), K the side of its kernel:

    convolution, its gradient by the images, its gradient by the kernel:   2 N H W K K C_in C_out each
    matrix product [m, k] @ [k, n]:                                        2 m k n

Elementwise work is not counted. Of a step as this package writes it, that is the useful work: doubling counts 9
multiplications per input pixel, halving 16 per output pixel, shortcuts count on the small side, and nothing counts
whose result nobody reads, since only what the results depend on is visited.
"""

import math

CONVOLUTIONS = ("Conv2D", "Conv2DBackpropFilter", "Conv2DBackpropInput")
PRODUCTS = ("MatMul", "BatchMatMulV2", "BatchMatMulV3")


def floating_point_operations(function):
    """Operations of one call of a concrete function (`tf.function(...).get_concrete_function(...)`).

    Raises:
        ValueError: if a shape is not known, or work hides in a function that it calls.
    """
    return sum(_cost(operation) for operation in _reached(function.graph))


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


def _cost(operation):
    if operation.type in CONVOLUTIONS:
        # The side with strides taken is the output of a convolution, and what comes in of its two gradients.
        outputs = operation.outputs[0] if operation.type == "Conv2D" else operation.inputs[2]
        kernel = {"Conv2D": lambda: operation.inputs[1].shape, "Conv2DBackpropInput": lambda: operation.inputs[1].shape}
        shape = kernel.get(operation.type, lambda: operation.outputs[0].shape)()
        return 2 * _size(outputs.shape, operation) * math.prod(shape[:3])
    if operation.type in PRODUCTS:
        left = operation.inputs[0].shape
        transposed = operation.get_attr("transpose_a" if operation.type == "MatMul" else "adj_x")
        return 2 * _size(operation.outputs[0].shape, operation) * (left[-2] if transposed else left[-1])
    if operation.type in ("PartitionedCall", "StatefulPartitionedCall", "While", "StatelessWhile", "If"):
        raise ValueError(f"{operation.name}: operations inside of a {operation.type} cannot be counted")
    return 0


def _size(shape, operation):
    if not shape.is_fully_defined():
        raise ValueError(f"{operation.name}: its operations cannot be counted, its shape is {shape}")
    return math.prod(shape)
