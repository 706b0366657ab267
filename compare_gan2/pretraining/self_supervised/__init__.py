"""Features learned from two and more views of each image, without labels."""
