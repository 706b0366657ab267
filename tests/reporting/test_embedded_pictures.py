import base64
import io

import numpy as np
import pytest
from PIL import Image

from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.reporting.embedded_pictures import embedded, embedded_png


def image_in(picture):
    return Image.open(io.BytesIO(base64.b64decode(picture.source.partition(",")[2])))


def test_small_pictures_stay_as_they_are(tmp_path):
    Image.new("L", (30, 20), 7).save(tmp_path / "a.png")
    picture = embedded(tmp_path / "a.png", "what it is", "title", "caption")
    assert base64.b64decode(picture.source.removeprefix("data:image/png;base64,")) == (tmp_path / "a.png").read_bytes()
    assert (picture.width, picture.height, picture.description, picture.caption) == (30, 20, "what it is", "caption")
    assert embedded_png((tmp_path / "a.png").read_bytes(), "what it is", "title", "caption") == picture


def test_large_ones_are_made_smaller_and_say_so(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, [1000, 2000, 3], np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    picture = embedded(tmp_path / "a.png", "noise", caption="step 5")
    assert picture.source.startswith("data:image/jpeg;base64,") and image_in(picture).size == (1200, 600)
    assert (picture.width, picture.height) == (1200, 600)
    assert picture.caption == "step 5; a.png as JPEG, 1200 of 2000 pixels wide"


def test_damage_is_named(tmp_path):
    Image.new("L", (30, 20)).save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:50])
    for name in ("a.png", "missing.png"):
        with pytest.raises(DamagedFileError, match=f"{name}: expected a PNG picture"):
            embedded(tmp_path / name, "")
