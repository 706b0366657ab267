"""How many images each class has, as a line for people."""

LENGTH = 20  # classes that are listed


def per_class(what, names, counts):
    """Such as "pictures per class: cat 20, dog 10"; the first classes of many, and how many more there are."""
    pairs = list(zip(names, counts, strict=True))
    more = f" and {len(pairs) - LENGTH} more classes" if len(pairs) > LENGTH else ""
    return f"{what} per class: " + ", ".join(f"{name} {count}" for name, count in pairs[:LENGTH]) + more
