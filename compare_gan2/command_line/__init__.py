"""The frame of all commands."""
