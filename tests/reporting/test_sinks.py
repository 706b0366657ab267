import importlib.util
import logging

import numpy as np
import pytest

from compare_gan2.ground.errors import ConfigError, MissingPackageError
from compare_gan2.reporting.events import Events
from compare_gan2.reporting.sinks import Sinks, require_package


class Recorder:
    """A sink that keeps what it gets, and fails at what it is told to."""

    def __init__(self, fails=()):
        self.calls, self._fails = [], fails

    def __getattr__(self, name):
        def call(*values):
            if name in self._fails:
                raise OSError("unreachable\nmore")
            self.calls.append((name, *values))

        return call


def test_every_sink_gets_everything_from_the_first_call_on(tmp_path):
    first, second, opened = Recorder(), Recorder(), []
    sinks = Sinks({"a.x": lambda: opened.append("a") or first, "b.x": lambda: opened.append("b") or second})
    picture = np.zeros([2, 2, 3], np.uint8)
    assert not opened
    with Events(tmp_path, sinks) as events:
        events.scalars(3, {"loss/g": np.float32(0.5), "score/fid": 2})
        events.image(3, "images/real", picture)
        events.histogram(3, "logits/real images", np.arange(3.0))
        events.text(3, "watchdog/d_wins", "warn: it wins")
        events.flush()
    sinks.close()
    assert opened == ["a", "b"]
    for sink in (first, second):
        assert [call[:2] for call in sink.calls[:-1]] == [(n, 3) for n in ("scalars", "image", "histogram", "text")]
        assert sink.calls[0][2] == {"loss/generator": 0.5, "score/fid": 2.0}
        assert sink.calls[-1] == ("close",)


def test_one_that_fails_gets_nothing_more_and_others_go_on(caplog):
    bad, good = Recorder(["scalars"]), Recorder()
    sinks = Sinks({"mlflow.experiment": lambda: bad, "wandb.project": lambda: good})
    with caplog.at_level(logging.WARNING, "compare_gan2"):
        sinks.scalars(1, {"a": 1})
        sinks.scalars(2, {"a": 2})
        sinks.close()
    (message,) = [record.getMessage() for record in caplog.records]
    assert message == "mlflow.experiment: failed and gets nothing more; the run continues: OSError: unreachable"
    assert bad.calls == [] and [call[0] for call in good.calls] == ["scalars", "scalars", "close"]


def test_one_that_cannot_be_opened_is_refused_by_its_option():
    def refuse():
        raise RuntimeError("no such server")

    sinks = Sinks({"mlflow.experiment": refuse})
    with pytest.raises(ConfigError, match="^mlflow.experiment: cannot be opened: RuntimeError: no such server; remove"):
        sinks.open()


def test_a_missing_package_is_answered_with_the_line_that_installs_it(monkeypatch):
    require_package("wandb.project", "json", "wandb")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match=r"^wandb\.project: needs.*'compare_gan2\[wandb\]'$"):
        require_package("wandb.project", "wandb", "wandb")


def test_without_sinks_there_is_nothing_to_open():
    sinks = Sinks()
    sinks.scalars(1, {"a": 1.0})
    sinks.close()
