"""The page on which a person labels images."""

import csv

import numpy as np
import pytest
from support.browser import chromium
from support.web_pages import Page

from compare_gan2.ground.errors import ConfigError
from compare_gan2.labelling.labelling_page import KEYS, write_page

NAMES = ["a/1.png", 'quote " and, comma.png', "</script><b>é"]


def written(path, classes=("cat", "dog"), channels=3):
    images = np.random.default_rng(0).integers(0, 256, [3, 8, 8, channels], np.uint8)
    write_page(path, images, NAMES, list(classes), "Labels for <pets>")
    return path


@pytest.mark.parametrize("channels", [1, 3])
def test_one_file_without_network(channels, tmp_path):
    path = written(tmp_path / "label.html", channels=channels)
    text = path.read_text()
    assert text.count("data:image/png;base64,") == 4 and "http" not in text
    assert "Labels for <pets>" in Page(text).text and NAMES[2] not in text  # names are escaped


@pytest.mark.parametrize(
    "classes, message",
    [
        (["a", "b", "a"], "classes: .*, got a twice"),
        ([str(n) for n in range(37)], "classes: expected at most 36 .* 37"),
    ],
)
def test_classes_have_a_key_each(classes, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        written(tmp_path / "label.html", classes)
    assert len(set(KEYS)) == 36 and not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("width, scheme", [(360, "light"), (1440, "dark")])
def test_a_person_labels_with_keys_and_saves_a_file(width, scheme, browser, tmp_path):
    path, complaints = written(tmp_path / "label.html"), []
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
    page.goto(path.as_uri())
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.keyboard.press("2")  # dog, and on to the next
    page.fill("#added", "bird, small")
    page.keyboard.press("Enter")
    page.keyboard.press("3")
    page.click("text=cat")
    assert page.text_content("#count") == "Picture 3 of 3; 3 have a label."
    assert page.text_content("#saved") == "not saved yet"
    page.keyboard.press("Delete")
    with page.expect_download() as download:
        page.click("#save")
    download.value.save_as(tmp_path / "labels.csv")
    with open(tmp_path / "labels.csv", newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["name", "label"], [NAMES[0], "dog"], [NAMES[1], "bird, small"]]
    assert download.value.suggested_filename == "labels.csv"
    page.reload()  # what was chosen is still there
    assert page.text_content("#count") == "Picture 1 of 3; 2 have a label."
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    context.close()
    assert not complaints


@pytest.mark.slow
def test_a_class_named_by_a_key_has_this_key(browser, tmp_path):
    page = browser.new_page()
    page.goto(written(tmp_path / "label.html", ["0", "1", "other", "B"]).as_uri())
    assert page.locator("#classes kbd").all_text_contents() == ["0", "1", "2", "b"]
    for key in "1b2":
        page.keyboard.press(key)
    assert page.locator("#all span").all_text_contents() == ["1", "B", "other"]
    page.close()
