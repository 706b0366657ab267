"""A trained model as files that others can load, each checked against the model before the folder appears."""
