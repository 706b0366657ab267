"""What published methods that learn from few labels compute, as functions of logits, labels and features."""
