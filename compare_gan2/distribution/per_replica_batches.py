"""Batches for replicas, cut from the batches of their host."""

import tensorflow as tf


def distributed(strategy, batches, start_step):
    """Iterator over the inputs of steps from `start_step` on, one part for each replica.

    Replica r gets rows r B / R to (r + 1) B / R of each global batch with any strategy; a host reads only these.

    Args:
        strategy: tf.distribute strategy.
        batches: function (first step, (index, count) of the host) -> tf.data.Dataset as
            `datasets.pipeline.training_batches` makes it.
        start_step: first step.
    """

    def of_host(context):
        local = context.num_replicas_in_sync // context.num_input_pipelines
        shard = (context.input_pipeline_id, context.num_input_pipelines)
        parts = batches(start_step, shard).flat_map(lambda *parts: _cut(parts, local))
        # Otherwise workers would agree before each step whether input is left, and shapes would be unknown.
        return parts.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)).prefetch(local)

    return iter(strategy.distribute_datasets_from_function(of_host))


def _cut(batch, parts):
    """Dataset of `parts` equal parts, in order, of all tensors [N, ...] in a structure."""

    def stacked(values):
        return tf.reshape(values, [parts, values.shape[0] // parts, *values.shape[1:]])

    return tf.data.Dataset.from_tensor_slices(tf.nest.map_structure(stacked, batch))
