"""The training engine: optimizers, one training step, the state that it changes, and the loop around it."""
