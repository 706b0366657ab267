"""What a run leaves for people to read: scores, the training log, pictures, curves, TensorBoard events, progress."""
