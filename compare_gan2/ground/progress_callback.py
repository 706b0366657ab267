"""Reports to a caller how far a long computation has come."""


class Counter:
    """Function to call after each finished part; it calls `progress`, a function (done, total) or None."""

    def __init__(self, progress, total):
        self._progress, self._done, self._total = progress, 0, total

    def __call__(self):
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total)


def tracked(items, progress):
    """Yields the items of a sequence; after each, `progress` is called with how many are done and how many there are.

    Args:
        items: a sequence.
        progress: function (done, total), or None.
    """
    count = Counter(progress, len(items))
    for item in items:
        yield item
        count()
