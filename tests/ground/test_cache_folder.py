import pathlib

import pytest

from compare_gan2.ground.cache_folder import default_cache_dir


@pytest.mark.parametrize(
    "environment, folder",
    [
        ({"COMPARE_GAN2_CACHE": "/mine", "XDG_CACHE_HOME": "/xdg", "HOME": "/home/me"}, "/mine"),
        ({"XDG_CACHE_HOME": "/xdg", "HOME": "/home/me"}, "/xdg/compare_gan2"),
        ({"XDG_CACHE_HOME": "", "HOME": "/home/me"}, "/home/me/.cache/compare_gan2"),
        ({"COMPARE_GAN2_CACHE": "", "HOME": "/home/me"}, "/home/me/.cache/compare_gan2"),
    ],
)
def test_the_environment_decides(environment, folder, monkeypatch):
    for name in ("COMPARE_GAN2_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_cache_dir() == pathlib.Path(folder)
