"""Progress of a long phase: a bar on a terminal, occasional plain lines elsewhere."""

import collections
import contextlib
import io
import os
import sys
import threading
import time

import tqdm

from compare_gan2.ground.messages import is_shown

_SECONDS_BETWEEN_LINES = 10.0
_WINDOW = 30.0  # seconds that the speed is measured over, one update at least


class Progress:
    """Shows phase, step, images per second, scalars and the time left; a context manager.

    The speed is that of the last half minute. The time until the first update is not counted, for that one compiles.

    Args:
        total_steps: step at which the phase is complete.
        initial_step: step at which this process begins (not 0 on resume).
        phase: name of the phase, such as "training" or "scoring step 500: standing statistics".
        images_per_step: images that one step processes; 1 if `unit` is "images", None for a phase without images.
        stream: where to show it; None is the standard error while messages are shown, else nowhere.
        unit: what is counted, "steps" or "images"; "" if only the share of it that is done is shown.
        quiet_seconds: time during which nothing is shown; nothing is shown at all if the phase ends before. Afterwards
            progress is shown even before the first update.
        clock: function that returns seconds, replaced in tests.
    """

    def __init__(
        self,
        total_steps,
        initial_step,
        phase,
        images_per_step,
        stream=None,
        *,
        unit="steps",
        quiet_seconds=0.0,
        clock=time.monotonic,
    ):
        self.phase = phase
        self._total_steps = total_steps
        self._initial_step = self._step = initial_step
        self._shown_step = None  # of the last line
        self._images_per_step = images_per_step
        self._stream = stream if stream is not None else sys.stderr if is_shown() else _Nowhere()
        self._unit = unit
        self._quiet_seconds = quiet_seconds
        self._clock = clock
        self._marks = collections.deque()  # (seconds, step) after each update of the window
        self._scalars = {}
        self._bar = None
        self._began = self._last_line = self._timer = None

    @property
    def images_per_second(self):
        """Recent speed; None before the second update, or in a phase without images."""
        steps = self._steps_per_second()
        return None if steps is None or self._images_per_step is None else steps * self._images_per_step

    @property
    def seconds_left(self):
        """Time until `total_steps` at the recent speed; None before the second update."""
        steps = self._steps_per_second()
        return (self._total_steps - self._step) / steps if steps else None

    def update(self, step, scalars=None):
        """Reports that `step` is done; `scalars` {name: number} are shown until the next update.

        Raises:
            ValueError: for a step before the last one or after the end.
        """
        if not self._step <= step <= self._total_steps:
            raise ValueError(f"{self.phase}: expected a step in {self._step}..{self._total_steps}, got {step}")
        now = self._clock()
        self._marks.append((now, step))
        while len(self._marks) > 2 and self._marks[1][0] <= now - _WINDOW:
            self._marks.popleft()
        self._scalars = dict(scalars or {})
        moved, self._step = step - self._step, step
        if self._bar is not None:
            self._bar.set_postfix_str(self._details(), refresh=False)
            self._bar.update(moved)
        elif now - self._last_line >= (self._quiet_seconds if self._shown_step is None else _SECONDS_BETWEEN_LINES):
            self._show_line()

    def rewind(self, step):
        """Reports that training resumes from an earlier step."""
        self._step, self._shown_step = step, None
        self._marks.clear()
        if self._bar is not None:
            self._bar.n = step
            self._bar.refresh()

    def message(self, text):
        """Writes a line of its own, above the bar if there is one."""
        if self._bar is not None:
            self._bar.write(text, file=self._stream)
        else:
            print(text, file=self._stream, flush=True)

    @contextlib.contextmanager
    def paused(self):
        """Context manager: removes the bar and stops the clock for other work, which may show its own progress."""
        if self._bar is not None:
            self._bar.clear()
        before = self._clock()
        yield
        away = self._clock() - before
        self._began += away
        self._marks = collections.deque((seconds + away, step) for seconds, step in self._marks)
        if self._bar is not None:
            self._bar.refresh()

    def __enter__(self):
        self._began = self._clock()
        if _is_terminal(self._stream):
            count = "{n_fmt}/{total_fmt}" if self._unit else ""
            self._bar = tqdm.tqdm(
                total=self._total_steps,
                initial=self._initial_step,
                desc=self.phase,
                file=self._stream,
                dynamic_ncols=True,
                miniters=1,
                delay=self._quiet_seconds,
                bar_format=f"{{desc}} {{percentage:3.0f}}%|{{bar}}| {count}{{postfix}}",
            )
        else:
            self._last_line = self._began
            if not self._quiet_seconds:
                self._show_line()
        if self._quiet_seconds:
            self._timer = threading.Timer(self._quiet_seconds, self._show_unasked)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_):
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()  # its line must not come after ours
        over_quickly = self._clock() - self._began < self._quiet_seconds
        if self._bar is not None:
            self._bar.set_postfix_str(self._details(), refresh=not over_quickly)
            self._bar.close()
        elif self._step != self._shown_step and not over_quickly:
            self._show_line()

    def _show_unasked(self):
        if self._bar is not None:
            self._bar.refresh()
        elif self._shown_step is None:
            self._show_line()

    def _steps_per_second(self):
        if len(self._marks) < 2:
            return None
        (first_time, first_step), (last_time, last_step) = self._marks[0], self._marks[-1]
        return (last_step - first_step) / (last_time - first_time) if last_time > first_time else None

    def _show_line(self):
        percent = f"{self._step / self._total_steps:.0%}" if self._total_steps else "100%"
        count = f"{self._step}/{self._total_steps} {self._unit} ({percent})" if self._unit else percent
        done = f"{self.phase}: {count}"
        print(", ".join(filter(None, [done, self._details()])), file=self._stream, flush=True)
        self._last_line = self._clock()
        self._shown_step = self._step

    def _details(self):
        parts = []
        if self.images_per_second is not None:
            parts.append(f"{self.images_per_second:.{0 if self.images_per_second >= 10 else 1}f} images/s")
        if self._step == self._total_steps:
            parts.append(f"took {duration(self._clock() - self._began)}")
        elif self.seconds_left is not None:
            parts.append(f"{duration(self.seconds_left)} left")
        parts += [f"{name} {float(value):.4g}" for name, value in self._scalars.items()]
        return ", ".join(parts)


def duration(seconds):
    """Text such as "0:07", "12:30", "3:02:10" or "2 days 3:02:10"."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if not hours:
        return f"{minute}:{second:02}"
    clock = f"{hour}:{minute:02}:{second:02}"
    return f"{days} day{'s' * (days > 1)} {clock}" if days else clock


class _Nowhere(io.TextIOBase):
    """Stream that discards everything."""

    def write(self, text):
        return len(text)


def _is_terminal(stream):
    return stream.isatty() and os.environ.get("TERM") != "dumb"
