"""Files that can execute code are named with their checksum, unless the user trusts them."""

import warnings

import pytest

from compare_gan2.ground import messages, trust
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.trust import NotTrustedError, announce, require_named, trusting

CHECKSUM = "ab" * 32


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache folder of one's own, in a process that has named nothing yet."""
    monkeypatch.setenv("COMPARE_GAN2_CACHE", str(tmp_path))
    monkeypatch.setattr(trust, "_named", set())
    return tmp_path


def test_one_line_with_the_checksum_once(cache, capsys):
    with messages.shown():
        announce("inception/", "a SavedModel", CHECKSUM)
        announce("inception/", "a SavedModel", CHECKSUM)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(
        "warning: inception/ is a SavedModel, which can execute code with all your rights: sha256 ab"
    )
    assert CHECKSUM in line and "--trust" in line and str(cache / "trusted.txt") in line


def test_a_library_call_warns():
    with pytest.warns(UserWarning, match=f"which can execute code with all your rights: sha256 {CHECKSUM}"):
        announce("inception/", "a SavedModel", CHECKSUM)


def test_trust_is_silent_and_ends_with_its_block():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with trusting(True, recorded=["inception/"]):
            announce("inception/", "a SavedModel", CHECKSUM)
            require_named("inception/")
    with pytest.warns(UserWarning):
        announce("inception/", "a SavedModel", CHECKSUM)


def test_listed_checksums_are_silent(cache):
    (cache / "trusted.txt").write_text(f"# mine\n\n{CHECKSUM.upper()}  inception\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with trusting(False, recorded=["inception/"]):
            announce("inception/", "a SavedModel", CHECKSUM)
    with pytest.warns(UserWarning):
        announce("other/", "a SavedModel", "cd" * 32)


def test_an_unreadable_list_is_named(cache):
    (cache / "trusted.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="trusted.txt: expected a checksum in each line"):
        announce("inception/", "a SavedModel", CHECKSUM)


def test_what_only_a_record_names_is_refused():
    with trusting(False, recorded=["https://example.org/evil", "evil/"]):
        with pytest.raises(
            NotTrustedError, match="the record of the run names https://example.org/evil, which can exec"
        ):
            require_named("https://example.org/evil")
        with pytest.raises(NotTrustedError, match=f"sha256 {CHECKSUM}.*--network_path"):
            announce("evil/", "a SavedModel", CHECKSUM)
        require_named("inception/")
