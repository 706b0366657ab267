"""The training engine: strategy, optimizers, one step, its state on disk, and the loop around it."""
