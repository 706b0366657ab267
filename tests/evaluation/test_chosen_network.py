"""Which network an evaluation takes: given, bound, recorded, at hand; in this order."""

import pytest

from compare_gan2.config.configuration import parse
from compare_gan2.evaluation import chosen_network as module
from compare_gan2.evaluation.chosen_network import chosen_network
from compare_gan2.ground import messages
from compare_gan2.ground.errors import ConfigError

BOUND = ["feature_network.name = 'digits'"]


def at_hand(monkeypatch, name):
    def default_network(dataset):
        if name is None:
            raise ConfigError("feature_network.name: none is bound")
        return name, f"asked for {dataset}"

    monkeypatch.setattr(module, "default_network", default_network)


@pytest.mark.parametrize(
    ("bindings", "given", "recorded", "expected"),
    [
        (BOUND, {}, "inception_keras", {}),
        (["feature_network.path = 'a'"], {}, "inception_keras", {}),
        (BOUND, {"name": "inception_tfgan", "resize": "clean"}, None, {"name": "inception_tfgan", "resize": "clean"}),
        ([], {"path": "a"}, "inception_keras", {"path": "a"}),
        ([], {"resize": "clean"}, "inception_keras", {"resize": "clean", "name": "inception_keras"}),
        (["feature_network.name = None"], {}, None, {"name": "efficientnet_lite0"}),
        ([], {}, None, {"name": "efficientnet_lite0"}),
    ],
)
def test_order(monkeypatch, bindings, given, recorded, expected):
    at_hand(monkeypatch, "efficientnet_lite0")
    assert chosen_network(parse([], bindings), "folder", given, recorded=recorded) == expected


def test_a_default_is_said_with_its_reason_where_images_are_scored(monkeypatch, capsys):
    at_hand(monkeypatch, "efficientnet_lite0")
    with messages.shown(True):
        chosen_network(parse([], []), "folder", is_needed=False)
        assert not "".join(capsys.readouterr())
        chosen_network(parse([], []), "folder")
    shown = "".join(capsys.readouterr())
    assert "feature network: efficientnet_lite0, since asked for folder; feature_network.name binds another" in shown


def test_none_at_hand_is_refused_where_images_are_scored(monkeypatch):
    at_hand(monkeypatch, None)
    assert chosen_network(parse([], []), "folder", is_needed=False) == {}
    with pytest.raises(ConfigError, match="none is bound"):
        chosen_network(parse([], []), "folder")
