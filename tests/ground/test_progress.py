import fcntl
import io
import os
import pty
import select
import struct
import termios
import time

import pytest

from compare_gan2.ground.messages import shown
from compare_gan2.ground.progress import Progress, duration


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def terminal(monkeypatch):
    """A real pseudo terminal of 120 columns: its writing side, and a function that reads what was shown."""
    monkeypatch.setenv("TERM", "xterm")
    reading, writing = pty.openpty()
    fcntl.ioctl(writing, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def shown():
        stream.flush()
        data = b""
        while select.select([reading], [], [], 0.2)[0]:  # the system hands it over in pieces
            data += os.read(reading, 1_000_000)
        return data.decode()

    with open(writing, "w") as stream:
        yield stream, shown
    os.close(reading)


def test_speed_and_time_left_do_not_count_the_first_call(clock):
    with Progress(1000, 0, "training", 64, io.StringIO(), clock=clock) as progress:
        clock.now += 60  # compiling
        progress.update(10)
        assert progress.images_per_second is None and progress.seconds_left is None
        clock.now += 5
        progress.update(20)
        assert progress.images_per_second == pytest.approx(128)
        assert progress.seconds_left == pytest.approx(490)
        clock.now += 1
        progress.update(100)
        assert progress.images_per_second == pytest.approx(90 / 6 * 64)
        assert progress.seconds_left == pytest.approx(60)


def test_speed_is_that_of_the_last_half_minute(clock):
    with Progress(100_000, 500, "training", 2, io.StringIO(), clock=clock) as progress:
        for step in range(500, 700, 10):  # 1 step per second
            clock.now += 10
            progress.update(step)
        assert progress.images_per_second == pytest.approx(2)
        for step in range(700, 1100, 100):  # then 10 steps per second
            clock.now += 10
            progress.update(step)
    assert progress.images_per_second == pytest.approx(20)
    assert progress.seconds_left == pytest.approx((100_000 - 1000) / 10)


def test_updates_slower_than_the_window_still_give_a_speed(clock):
    with Progress(1000, 0, "training", 1, io.StringIO(), clock=clock) as progress:
        for step in (100, 200, 400):
            clock.now += 100
            progress.update(step)
    assert progress.images_per_second == pytest.approx(2)


def test_a_pause_does_not_slow_the_speed(clock):
    with Progress(1000, 0, "training", 1, stream := io.StringIO(), clock=clock) as progress:
        progress.update(0)
        clock.now += 4
        progress.update(100)
        with progress.paused():
            clock.now += 500
        clock.now += 4
        progress.update(200)
        assert progress.images_per_second == pytest.approx(25)
        clock.now += 32
        progress.update(1000)
    assert stream.getvalue().splitlines()[-1].endswith("took 0:40")


def test_plain_lines_are_the_first_the_last_and_one_every_ten_seconds(clock):
    stream = io.StringIO()
    with Progress(1000, 500, "training", 32, stream, clock=clock) as progress:
        for step in range(501, 1001):
            clock.now += 0.125
            progress.update(step, {"loss_d": 1.23456, "loss_g": -0.5})
    losses = "loss_d 1.235, loss_g -0.5"
    assert stream.getvalue().splitlines() == [
        "training: 500/1000 steps (50%)",
        f"training: 580/1000 steps (58%), 256 images/s, 0:52 left, {losses}",
        f"training: 660/1000 steps (66%), 256 images/s, 0:42 left, {losses}",
        f"training: 740/1000 steps (74%), 256 images/s, 0:32 left, {losses}",
        f"training: 820/1000 steps (82%), 256 images/s, 0:22 left, {losses}",
        f"training: 900/1000 steps (90%), 256 images/s, 0:12 left, {losses}",
        f"training: 980/1000 steps (98%), 256 images/s, 0:02 left, {losses}",
        f"training: 1000/1000 steps (100%), 256 images/s, took 1:02, {losses}",
    ]


def test_a_scoring_phase_counts_images(clock):
    stream = io.StringIO()
    phase = "scoring step 500: standing statistics"
    with Progress(300, 0, phase, 1, stream, unit="images", clock=clock) as progress:
        for done in (100, 200, 300):
            clock.now += 2
            progress.update(done)
    assert stream.getvalue().splitlines() == [
        f"{phase}: 0/300 images (0%)",
        f"{phase}: 300/300 images (100%), 50 images/s, took 0:06",
    ]


def test_an_interrupted_phase_shows_where_it_was_without_the_end(clock):
    stream = io.StringIO()
    with pytest.raises(KeyboardInterrupt), Progress(100, 0, "training", 1, stream, clock=clock) as progress:
        progress.update(3)
        clock.now += 1
        progress.update(4)
        raise KeyboardInterrupt
    assert stream.getvalue().splitlines()[1:] == ["training: 4/100 steps (4%), 1.0 images/s, 1:36 left"]


def test_a_phase_with_nothing_to_do(clock):
    stream = io.StringIO()
    with Progress(0, 0, "training", 1, stream, clock=clock):
        pass
    assert stream.getvalue() == "training: 0/0 steps (100%), took 0:00\n"


def test_messages_are_lines_of_their_own(clock):
    stream = io.StringIO()
    with Progress(10, 0, "training", 1, stream, clock=clock) as progress:
        progress.message("resuming from step 5")
    assert stream.getvalue().splitlines()[1] == "resuming from step 5"


def test_steps_move_forward_to_the_end_and_no_further():
    with Progress(100, 50, "training", 1, io.StringIO()) as progress:
        progress.update(60)
        with pytest.raises(ValueError, match=r"training: expected a step in 60\.\.100, got 59"):
            progress.update(59)
        with pytest.raises(ValueError, match=r"training: expected a step in 60\.\.100, got 101"):
            progress.update(101)


def test_terminal_shows_one_bar_with_everything(terminal, clock):
    stream, shown = terminal
    with Progress(1000, 500, "training", 64, stream, clock=clock) as progress:
        assert "training  50%|" in shown()
        progress.update(600, {"loss_d": 1.5})
        clock.now += 10
        progress.update(900, {"loss_d": 1.25, "loss_g": -0.125})
    text = shown()
    assert "| 900/1000, 1920 images/s, 0:03 left, loss_d 1.25, loss_g -0.125" in text
    assert "training  90%|" in text and "steps (" not in text
    assert text.count("\n") == 1 and text.endswith("\n")
    assert max(len(line) for line in text.replace("\r", "\n").split("\n")) <= 120


def test_terminal_message_goes_above_the_bar(terminal, clock):
    stream, shown = terminal
    with Progress(10, 0, "training", 1, stream, clock=clock) as progress:
        shown()
        progress.message("saved model.ckpt-5")
        text = shown()
    lines = text.split("\n")
    assert lines[0].rstrip("\r").endswith("\rsaved model.ckpt-5")
    assert lines[1].startswith("\rtraining   0%|")


def test_terminal_bar_makes_room_for_another_phase(terminal, clock):
    stream, shown = terminal
    with Progress(10, 0, "training", 1, stream, clock=clock) as outer:
        outer.update(5)
        with outer.paused():
            with Progress(100, 0, "scoring", 1, stream, unit="images", clock=clock) as inner:
                inner.update(100)
        before = shown()
        outer.update(10)
    assert "scoring 100%|" in before and before.rindex("training  50%|") > before.rindex("scoring 100%|")
    assert "training 100%|" in shown()


def test_a_dumb_terminal_gets_plain_lines(terminal, clock, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    stream, shown = terminal
    with Progress(10, 0, "training", 1, stream, clock=clock):
        pass
    assert shown() == "training: 0/10 steps (0%)\r\n"


def test_the_standard_error_is_the_default_while_messages_are_shown(capsys):
    with Progress(10, 0, "nobody asked", 1) as progress:
        progress.message("nor here")
    with shown(), Progress(10, 0, "training", 1):
        pass
    captured = capsys.readouterr()
    assert captured.err == "training: 0/10 steps (0%)\n" and captured.out == ""


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0, "0:00"),
        (7.4, "0:07"),
        (59.6, "1:00"),
        (750, "12:30"),
        (3600, "1:00:00"),
        (10930, "3:02:10"),
        (86400, "1 day 0:00:00"),
        (2 * 86400 + 61, "2 days 0:01:01"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_a_short_phase_that_is_to_be_quiet_shows_nothing(clock):
    stream = io.StringIO()
    with Progress(3, 0, "metrics", None, stream, unit="", quiet_seconds=5, clock=clock) as progress:
        for step in (1, 2, 3):
            clock.now += 1
            progress.update(step)
    assert stream.getvalue() == ""


def test_a_longer_one_shows_itself_after_a_while_without_a_speed_in_images(clock):
    stream = io.StringIO()
    with Progress(10, 0, "metrics", None, stream, unit="", quiet_seconds=5, clock=clock) as progress:
        for step in range(1, 11):
            clock.now += 2
            progress.update(step)
    assert progress.images_per_second is None
    assert stream.getvalue().splitlines() == [
        "metrics: 30%, 0:14 left",
        "metrics: 80%, 0:04 left",
        "metrics: 100%, took 0:20",
    ]


def test_a_long_phase_is_shown_before_its_first_update():
    stream = io.StringIO()
    with Progress(2, 0, "metrics", None, stream, unit="", quiet_seconds=0.05) as progress:
        give_up = time.monotonic() + 10
        while not stream.getvalue() and time.monotonic() < give_up:
            time.sleep(0.01)
        shown = stream.getvalue()
        progress.update(2)
    assert shown == "metrics: 0%\n"


def test_a_quiet_phase_shows_no_bar_either(terminal):
    stream, shown = terminal
    with Progress(2, 0, "metrics", None, stream, unit="", quiet_seconds=60) as progress:
        progress.update(1)
        progress.update(2)
    assert "metrics" not in shown()
