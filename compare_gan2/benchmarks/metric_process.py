"""What one metric of one package costs, in a process of its own: prints seconds and bytes as JSON.

    python metric_process.py PACKAGE METRIC ROWS WIDTH

A script for an interpreter that has the package. Features are seeded draws, the same in every process; a small set of
them first has everything imported.
"""

import json
import sys
import time

import numpy as np

SEED = 0
NUM_CLASSES = 1008
SMALL = 300


def features(rows, width):
    """(real, fake) float32 [rows, width]: non-negative and skewed, as those of Inception."""
    random = np.random.RandomState(SEED)
    real, fake = (random.standard_gamma(0.5, [rows, width]).astype(np.float32) for _ in range(2))
    return real, fake * np.float32(1.05)


def logits(rows):
    """float32 [rows, NUM_CLASSES]."""
    return np.random.RandomState(SEED).normal(scale=3.0, size=[rows, NUM_CLASSES]).astype(np.float32)


def _ours():
    from compare_gan2 import metrics

    return {
        "FID": lambda real, fake, _: metrics.fid(real, fake),
        "KID of 100 subsets": lambda real, fake, _: metrics.kid_of_subsets(
            real, fake, subset_size=min(1000, len(real)), images_in_order=True
        ),
        "precision, recall": lambda real, fake, _: metrics.precision_recall(real, fake),
        "density, coverage": lambda real, fake, _: metrics.density_coverage(real, fake),
        "PRD": lambda real, fake, _: metrics.prd(real, fake, seed=SEED),
        "Inception score": lambda real, fake, found: metrics.classifier_score_of_splits(found),
    }


def _torch_fidelity():
    import torch
    from torch_fidelity import metric_fid, metric_isc, metric_kid, metric_prc

    def fid(real, fake, _):
        both = [metric_fid.fid_features_to_statistics(torch.from_numpy(each)) for each in (fake, real)]
        return metric_fid.fid_statistics_to_metric(*both, verbose=False)

    def kid(real, fake, _):
        given = {"kid_subsets": 100, "kid_subset_size": min(1000, len(real)), "verbose": False}
        return metric_kid.kid_features_to_metric(torch.from_numpy(fake), torch.from_numpy(real), **given)

    def prc(real, fake, _):
        return metric_prc.prc_features_to_metric(torch.from_numpy(fake), torch.from_numpy(real), verbose=False)

    return {
        "FID": fid,
        "KID of 100 subsets": kid,
        "precision, recall": prc,
        "Inception score": lambda real, fake, found: metric_isc.isc_features_to_metric(torch.from_numpy(found)),
    }


def _clean_fid():
    from cleanfid import fid

    return {
        "FID": lambda real, fake, _: fid.fid_from_feats(fake, real),
        "KID of 100 subsets": lambda real, fake, _: fid.kernel_distance(
            fake, real, max_subset_size=min(1000, len(real))
        ),
    }


def _prdc():
    import prdc

    def all_four(real, fake, _):
        return prdc.compute_prdc(real_features=real, fake_features=fake, nearest_k=5)

    return {"precision, recall": all_four, "density, coverage": all_four}


PACKAGES = {"compare_gan2": _ours, "torch-fidelity": _torch_fidelity, "clean-fid": _clean_fid, "prdc": _prdc}


def main(package, metric, rows, width):
    """Prints {"cpu_seconds", "seconds", "peak_bytes"}, the last of the whole process; null for a metric it lacks."""
    from peak_memory import peak_memory  # beside this script

    function = PACKAGES[package]().get(metric)
    if function is None:
        print("null")
        return
    given = (*features(rows, width), logits(rows))
    # Our FID gives few images to TF-GAN: that would load TensorFlow, which many images do not need.
    if (package, metric) != ("compare_gan2", "FID"):
        function(*(array[:SMALL] for array in given))
    began, cpu = time.perf_counter(), time.process_time()
    function(*given)
    measured = {"cpu_seconds": time.process_time() - cpu, "seconds": time.perf_counter() - began}
    measured["peak_bytes"] = peak_memory()
    print(json.dumps(measured))


if __name__ == "__main__":
    package, metric, rows, width = sys.argv[1:]
    main(package, metric, int(rows), int(width))
