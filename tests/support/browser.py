"""Chromium for tests of pages; a test is skipped where it or `pip install -e '.[browser]'` is missing."""

import contextlib
import shutil

import pytest

PATH = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@contextlib.contextmanager
def chromium():
    """Context manager: a running browser of `playwright`."""
    api = pytest.importorskip("playwright.sync_api", reason="pip install -e '.[browser]'")
    if PATH is None:
        pytest.skip("no Chromium on the PATH")
    with api.sync_playwright() as started:
        found = started.chromium.launch(executable_path=PATH, args=_QUIET)
        yield found
        found.close()
