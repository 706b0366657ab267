"""The size of an image in words, the same way in every message."""


def in_pixels(height, width):
    """Text such as "32x32 pixels", or "24x8 pixels (height x width)" where the order matters."""
    return f"{height}x{width} pixels" + ("" if height == width else " (height x width)")
