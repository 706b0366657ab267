"""One run, from a configuration to scores and pictures."""
