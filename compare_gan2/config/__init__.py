"""From gin files and bindings to checked values."""
