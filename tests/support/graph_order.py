"""Which operations of a graph wait for which others."""


def ancestors(operation):
    """Set of the operations that an operation of a tf.Graph waits for, by its inputs or by control."""
    found, waiting = set(), [operation]
    while waiting:
        op = waiting.pop()
        new = {tensor.op for tensor in op.inputs} | set(op.control_inputs)
        waiting += new - found
        found |= new
    return found
