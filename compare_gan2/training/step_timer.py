"""How long a step takes, known while the first graph call, of many steps, still runs."""

import threading
import time


class StepTimer:
    """Context manager: a thread that reads a counter of steps until it knows their time, reports it once and ends.

    The first step is left out, for that one compiles.

    Args:
        taken: function that returns the steps done so far; called in another thread.
        report: function (seconds per step, steps done), called in another thread.
        steps: least number of steps to measure.
        least_seconds: least time to measure over, many times `pause`.
        pause: seconds between two looks at the counter.
        clock: function that returns seconds, replaced in tests.
    """

    def __init__(self, taken, report, steps=3, least_seconds=0.5, pause=0.05, clock=time.monotonic):
        self._taken = taken
        self._report = report
        self._steps = steps
        self._least_seconds = least_seconds
        self._pause = pause
        self._clock = clock
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        first = None
        while not self._ended.wait(self._pause):
            now, taken = self._clock(), self._taken()
            if first is None:
                first = (now, taken) if taken > 0 else None
            elif taken >= first[1] + self._steps and now >= first[0] + self._least_seconds:
                self._report((now - first[0]) / (taken - first[1]), taken)
                return

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
