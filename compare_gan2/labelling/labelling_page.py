"""A page on which a person labels images: one HTML file that works from the disk, without network or server."""

import base64
import functools
import hashlib
import io
import json

from PIL import Image

from compare_gan2.datasets.labels.label_texts import is_class
from compare_gan2.ground import files
from compare_gan2.ground.class_names import normalised
from compare_gan2.ground.errors import ConfigError

KEYS = "1234567890abcdefghijklmnopqrstuvwxyz"  # of the classes, in their order
_LEAST_SIDE = 320  # pixels that a small picture is shown with, so that a person can see it


def write_page(path, images, names, classes, title):
    """Writes the page, whole or not at all; it saves labels.csv with the columns name and label.

    The browser keeps what was chosen, apart for each set of images and classes, if it allows pages from the disk to.

    Args:
        path: of the file.
        images: uint8 [n, H, W, 1 or 3].
        names: one text per image, which identifies it in the file of labels.
        classes: names of classes, at most as many as `KEYS`; more can be added on the page.
        title: heading.

    Raises:
        ConfigError: for more classes than keys, or a name given twice.
        OSError: if the file cannot be written.
    """
    forms = [normalised(name) for name in classes]  # as `labels.file` compares them
    if len(classes) > len(KEYS) or len(set(forms)) < len(classes):
        twice = [name for name, form in zip(classes, forms, strict=True) if forms.count(form) > 1]
        got = f"{twice[0]} twice" if len(set(twice)) == 1 else f"{' and '.join(twice[:2])}, which are one class"
        got = got if twice else f"{len(classes)}"
        raise ConfigError(f"classes: expected at most {len(KEYS)} different names, one per key, got {got}")
    if unfit := [name for name in classes if not is_class(name)]:
        raise ConfigError(f"classes: expected names of classes, got {unfit[0]!r}, which labels.file reads as no label")
    shown = [{"name": name, "source": _source(image)} for image, name in zip(images, names, strict=True)]
    data = {"images": shown, "classes": list(classes), "keys": KEYS}
    data["key"] = hashlib.sha256(json.dumps([data["classes"], names]).encode()).hexdigest()
    height, width = images.shape[1:3]
    text = _template().render(title=title, data=data, width=width, height=height, side=max(_LEAST_SIDE, width))
    with files.replacing(path) as file:
        file.write(text.encode())


def _source(image):
    file = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(file, format="png", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


@functools.cache
def _template():
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("compare_gan2.labelling"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("labelling.html")
