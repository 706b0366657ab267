"""Pictures, curves and TensorBoard events of a run."""
