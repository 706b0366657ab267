"""One line with the number of images of each class."""

LENGTH = 20  # classes that are listed


def per_class(what, names, counts):
    """Text such as "pictures per class: cat 20, dog 10": the first `LENGTH` classes, and how many more there are.

    Args:
        what: name of the things that are counted, such as "pictures".
        names: one per class.
        counts: whole numbers, one per class.
    """
    pairs = list(zip(names, counts, strict=True))
    more = f" and {len(pairs) - LENGTH} more classes" if len(pairs) > LENGTH else ""
    return f"{what} per class: " + ", ".join(f"{name} {count}" for name, count in pairs[:LENGTH]) + more
