"""The page of a model says what it is, by facts alone, in a form that Hugging Face reads."""

import dataclasses
import json

import numpy as np
import pytest
from PIL import Image

from compare_gan2.exporting.citations import citations
from compare_gan2.exporting.model_card import write
from compare_gan2.exporting.model_facts import ModelFacts
from compare_gan2.run_folder.dataset_record import DatasetRecord
from compare_gan2.run_folder.scores import Score

SCORE = Score(
    *("model.ckpt-4", 4, "fid", 12.345, 0.5, 1000, 2000, "test", "digits", "ema", "standing_640", 3),
    **{"dataset": "photos", "low": 11.0, "high": 13.5, "num_runs": 3, "truncation": "none", "label_prior": "uniform"},
)
FACTS = ModelFacts(
    name="digits | <b>",
    license="apache-2.0",
    gan="S3GAN",
    architecture="resnet_biggan",
    parameters=1234,
    statistics="standing_640",
    dataset=DatasetRecord("photos", (8, 8, 3), 3, num_train=4000, num_labelled=400),
    scores=(SCORE,),
    configuration="options.z_dim = 8\n",
)


@pytest.fixture
def page(model, tmp_path):
    """Function of facts and formats -> text of README.md."""

    def written(facts=FACTS, formats=("keras", "saved_model", "onnx", "model_card")):
        write(tmp_path, model, facts, formats)
        return (tmp_path / "README.md").read_text()

    return written


def front_matter(text):
    """{name: value} of the lines between the dashes, whose values are JSON or plain words."""
    _, matter, _ = text.split("---\n", 2)
    pairs = (line.split(": ", 1) for line in matter.splitlines())
    return {name: json.loads(value) if value[0] in '"[{' else value for name, value in pairs}


def test_front_matter(page):
    found = front_matter(page())
    assert found["license"] == "apache-2.0" and found["library_name"] == "compare_gan2"
    assert found["tags"] == ["gan", "s3gan", "resnet_biggan"]
    (entry,) = found["model-index"]
    assert entry["name"] == "digits | <b>"
    assert entry["results"][0]["metrics"] == [{"type": "fid", "name": "fid", "value": 12.345}]
    assert entry["results"][0]["dataset"]["type"] == "photos"


def test_facts_are_on_the_page(page, model, tmp_path):
    text = page()
    assert "# digits \\| &lt;b>\n" in text
    assert "| metric | value | 95 % interval |\n" in text and "| fid | 12.35 ± 0.5 | 11 to 13.5 |\n" in text
    assert "2,000 generated images, 1,000 real ones of photos (test), averaged weights, network digits" in text
    assert ("400 (10 %)" in text) == ("learned from 400 labels" in text) == (model.num_classes is not None)
    assert "standing statistics of 640 generated images" in text and "1,234 trained parameters" in text
    assert "lucic2019fewer" in text and "brock2019large" in text
    assert (tmp_path / "config.gin").read_text() == "options.z_dim = 8\n"
    picture = np.asarray(Image.open(tmp_path / "samples.png"))
    assert picture.shape[2] == 3 and np.ptp(picture) > 100


def test_what_is_unknown_is_said_or_left_out(page, tmp_path):
    text = page(ModelFacts("plain", None, None, "dcgan", 7), ["model_card"])
    assert "license" not in front_matter(text) and "model-index" not in front_matter(text)
    assert "No licence is given" in text and "has not been scored" in text and "None" not in text
    assert not (tmp_path / "config.gin").exists() and "```python" not in text and "kurach2019large" in text


def test_only_the_files_in_the_folder_are_shown(page):
    text = page(formats=["keras"])
    assert "generator.keras" in text and "onnxruntime" not in text and "tf.saved_model" not in text
    assert "## Use" in text and "## Use" not in page(formats=["model_card"])


def test_rows_of_unlike_protocols_have_their_own(page):
    other = dataclasses.replace(SCORE, metric="kid", num_fake=100, caution="few | images")
    failed = dataclasses.replace(SCORE, metric="prd", value=None, std=None, low=None, high=None, reason="no\nroom")
    text = page(dataclasses.replace(FACTS, scores=(SCORE, other, failed)))
    assert "| metric | value | 95 % interval | caution | protocol |" in text
    assert "| kid | 12.35 ± 0.5 | 11 to 13.5 | few \\| images | 100 generated images," in text
    assert "| prd | failed |  | no room |" in text
    assert len(front_matter(text)["model-index"][0]["results"]) == 2


@pytest.mark.parametrize(
    "gan, architecture, keys",
    [
        ("S3GAN", "resnet_biggan_deep", ["lucic2019fewer", "brock2019large"]),
        ("SSGAN", "sndcgan", ["chen2019rotation"]),
        (None, "dcgan", ["kurach2019large"]),
    ],
)
def test_citations(gan, architecture, keys):
    text = citations(gan, architecture)
    assert [line.split("{")[1].rstrip(",") for line in text.splitlines() if line.startswith("@")] == keys
    assert text.count("{") == text.count("}")
