"""Memory of the tensors in a graph, by their shapes: an estimate, made before anything is computed.

Operations are taken in the order in which they were traced. A tensor takes memory from the operation that makes it to
the last one that reads it; views take none, and elementwise operations write over an input that nothing else reads.
Left out is what kernels allocate within, and variables, which exist already.
"""

import math

VIEWS = {
    *("Identity", "IdentityN", "Reshape", "Squeeze", "ExpandDims", "StopGradient", "PreventGradient", "Snapshot"),
    *("ReadVariableOp", "Placeholder", "Const", "EnsureShape"),
}
IN_PLACE = {
    *("Add", "AddV2", "AddN", "BiasAdd", "Cast", "Div", "DivNoNan", "Exp", "LeakyRelu", "LeakyReluGrad", "Log"),
    *("LogSoftmax", "Maximum", "Minimum", "Mul", "Neg", "Pow", "RealDiv", "Reciprocal", "Relu", "ReluGrad", "Rsqrt"),
    *("RsqrtGrad", "Select", "SelectV2", "Sigmoid", "SigmoidGrad", "Softmax", "Softplus", "SoftplusGrad", "Sqrt"),
    *("SqrtGrad", "Square", "SquaredDifference", "Sub", "Tanh", "TanhGrad"),
}
_BODIES = ("body", "f")  # attributes of operations that run another graph


def reached(graph):
    """Set of the operations that results and side effects of a graph depend on."""
    return waited_for([*(tensor.op for tensor in graph.outputs), *graph.control_outputs])


def waited_for(operations):
    """Set of these operations of a graph and of all that they wait for, by inputs or by control."""
    waiting, found = list(operations), set()
    while waiting:
        operation = waiting.pop()
        if operation not in found:
            found.add(operation)
            waiting += [tensor.op for tensor in operation.inputs] + list(operation.control_inputs)
    return found


def peak_bytes(graph):
    """Most bytes that tensors of a graph take at a time.

    Args:
        graph: the graph of a function that has been traced.
    """
    needed = reached(graph)
    operations = [operation for operation in graph.get_operations() if operation in needed]
    owner, last_use = {}, {}  # id of a tensor -> id of the tensor whose memory it is a view of; position of its end
    for position, operation in enumerate(operations):
        for tensor in operation.inputs:
            last_use[owner.get(id(tensor), id(tensor))] = position
        if operation.type in VIEWS and len(operation.inputs):
            for tensor, source in zip(operation.outputs, operation.inputs, strict=False):
                owner[id(tensor)] = owner.get(id(source), id(source))
    results = {owner.get(id(tensor), id(tensor)) for tensor in graph.outputs}
    live, now, most = {}, 0, 0
    for position, operation in enumerate(operations):
        inputs = {owner.get(id(tensor), id(tensor)) for tensor in operation.inputs}
        ending = [key for key in inputs if last_use[key] == position and key in live and key not in results]
        made = 0
        if operation.type not in VIEWS:
            for tensor in operation.outputs:
                size = _bytes(tensor)
                reused = operation.type in IN_PLACE and next((key for key in ending if live[key] == size), None)
                if reused:
                    ending.remove(reused)
                    del live[reused]
                else:
                    made += size
                if id(tensor) in last_use or id(tensor) in results:
                    live[id(tensor)] = size
        most = max(most, now + made + _within(operation))
        now += made - sum(live.pop(key) for key in ending)
        now -= sum(_bytes(t) for t in operation.outputs if operation.type not in VIEWS and id(t) not in live)
    return most


def _within(operation):
    """Bytes of the graph that an operation runs; 0 for one that runs none."""
    graph = called(operation)
    return 0 if graph is None else peak_bytes(graph)


def called(operation):
    """The graph that an operation runs; None for one that runs none."""
    for name in _BODIES:
        try:
            function = operation.graph._get_function(operation.get_attr(name).name)  # which has no public name
        except (AttributeError, ValueError):
            continue
        if function is not None:
            return function.graph
    return None


def _bytes(tensor):
    return math.prod(tensor.shape) * tensor.dtype.size if tensor.shape.is_fully_defined() else 0
