"""The networks that features and logits come from."""
