"""Records what torch-fidelity, clean-fid, prdc and piq compute: `python tests/goldens/record_torch_fidelity.py`.

Run it in an environment of its own with `pip install torch torch-fidelity clean-fid prdc piq "scipy<1.18"`; it
needs nothing of this package. It calls their functions of arrays, no network and no image files, on data made from a
fixed seed, and writes `torch_fidelity.json` beside itself: values, and the versions that gave them.
"""

import importlib.metadata
import json
import pathlib

import numpy as np

NUM_REAL, NUM_FAKE, NUM_FEATURES, NUM_CLASSES = 600, 500, 24, 12
FILE = pathlib.Path(__file__).with_name("torch_fidelity.json")


def data():
    """Features of two overlapping distributions, as sparse and non-negative as Inception's, and logits; float32."""
    random = np.random.RandomState(20)
    mixing = random.normal(size=(NUM_FEATURES, NUM_FEATURES)) / np.sqrt(NUM_FEATURES)
    real = np.maximum(random.normal(size=(NUM_REAL, NUM_FEATURES)) @ mixing, 0.0)
    fake = np.maximum(0.8 * random.normal(size=(NUM_FAKE, NUM_FEATURES)) @ mixing + 0.2, 0.0)
    logits = 2.0 * random.normal(size=(NUM_FAKE, NUM_CLASSES))
    return real.astype(np.float32), fake.astype(np.float32), logits.astype(np.float32)


def images():
    """Grey and coloured bytes [1, H, W, C] of even sizes: patches of unequal contrast with noise."""
    random, pictures = np.random.RandomState(21), []
    for height, width, channels in ((64, 64, 1), (96, 128, 3)):
        patches = random.random_sample((1, height // 8, width // 8, channels)).repeat(8, axis=1).repeat(8, axis=2)
        noise = random.random_sample((1, height, width, channels))
        pictures.append(np.uint8(255 * (0.7 * patches + 0.3 * patches * noise)))
    return pictures


def torch_fidelity_values(real, fake, logits):
    import torch
    from torch_fidelity import metric_fid, metric_isc, metric_kid, metric_prc

    real, fake, logits = (torch.from_numpy(array) for array in (real, fake, logits))
    statistics = [metric_fid.fid_features_to_statistics(features.double()) for features in (fake, real)]
    kid = dict(kid_subset_size=100, kid_kernel="poly", kid_kernel_poly_degree=3, kid_kernel_poly_gamma=None)
    kid |= dict(kid_kernel_poly_coef0=1, rng_seed=2020, verbose=False, kid_subsets=20)
    prc = dict(prc_neighborhood=3, prc_batch_size=10000, save_cpu_ram=False, verbose=False)
    return {
        "fid": metric_fid.fid_statistics_to_metric(*statistics, verbose=False),
        "isc_in_order": metric_isc.isc_features_to_metric(logits, splits=10, shuffle=False),
        "isc_shuffled": metric_isc.isc_features_to_metric(logits, splits=10, shuffle=True, rng_seed=2020),
        "kid": metric_kid.kid_features_to_metric(fake.double(), real.double(), **kid),
        "kid_of_all": metric_kid.kid_features_to_metric(
            fake, real[:NUM_FAKE], **{**kid, "kid_subset_size": NUM_FAKE, "kid_subsets": 1}
        ),
        "prc": metric_prc.prc_features_to_metric(fake, real, **prc),
    }


def clean_fid_values(real, fake):
    from cleanfid import fid

    moments = [(features.mean(axis=0), np.cov(features, rowvar=False)) for features in (real, fake)]
    np.random.seed(7)
    return {
        "fid": float(fid.frechet_distance(*moments[0], *moments[1])),
        "kid_seed_7": fid.kernel_distance(real, fake, num_subsets=20, max_subset_size=100),
    }


def prdc_values(real, fake):
    import prdc

    return {name: float(value) for name, value in prdc.compute_prdc(real, fake, nearest_k=5).items()}


def piq_brisque_features():
    """Lists of 36 numbers, of the brightness with the weights that MATLAB documents for rgb2gray (piq rounds them)."""
    import importlib

    import torch
    from piq.functional import imresize

    piq_brisque = importlib.import_module("piq.brisque")
    values = []
    for picture in images():
        weights = [0.298936021293775, 0.587043074451121, 0.114020904255103] if picture.shape[3] == 3 else [1.0]
        luma = torch.from_numpy(np.rint(picture @ np.array(weights))[:, None])
        half = imresize(luma, sizes=(luma.shape[2] // 2, luma.shape[3] // 2))
        statistics = [piq_brisque._natural_scene_statistics(scale, 7, 7 / 6) for scale in (luma, half)]
        values.append(torch.cat(statistics, dim=-1)[0].tolist())
    return values


def main():
    real, fake, logits = data()
    exact = real.astype(np.float64), fake.astype(np.float64)
    values = {
        "versions": {
            name: importlib.metadata.version(name)
            for name in ("torch-fidelity", "clean-fid", "prdc", "piq", "torch", "numpy", "scipy", "scikit-learn")
        },
        "torch_fidelity": torch_fidelity_values(real, fake, logits),
        "clean_fid": clean_fid_values(*exact),
        "prdc": prdc_values(*exact),
        "piq_brisque_features": piq_brisque_features(),
    }
    FILE.write_text(json.dumps(values, indent=2) + "\n")


if __name__ == "__main__":
    main()
