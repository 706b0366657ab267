"""The labels that pre-training inferred for a run, in words: how many are right, how many of each class, how sure."""

from compare_gan2.ground import json_text, sealed_files
from compare_gan2.ground.errors import DamagedFileError

NAME = "inferred_labels.json"


def read(folder):
    """Manifest of the inferred labels in the folder of a run; None if it has none.

    Raises:
        DamagedFileError: if it cannot be read.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    content = sealed_files.read(path)
    try:
        manifest = json_text.parsed(content)
        in_words(manifest)
        return manifest
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedFileError(f"{path}: expected facts of inferred labels, got {error!r}; restore it") from error


def in_words(manifest):
    """Words for one cell of a table; what a manifest of an older version lacks is left out."""
    if manifest is None:
        return "none"
    found = []
    if "accuracy" in manifest:
        found.append(f"{manifest['accuracy']:.1%} of {manifest['true_labels']:,} right")
    if "purity" in manifest:
        found.append(f"purity {manifest['purity']:.2f}, NMI {manifest['nmi']:.2f}")
    sizes = manifest.get("per_class") or manifest.get("cluster_sizes")
    if sizes:
        what = "class" if "per_class" in manifest else "cluster"
        found.append(f"{min(sizes):,} to {max(sizes):,} images per {what}")
    if "confidence_median" in manifest:
        median, tenth = manifest["confidence_median"], manifest["confidence_tenth"]
        found.append(f"half of them surer than {median:.2f}, a tenth less sure than {tenth:.2f}")
        calibrated = f"calibration error {manifest['ece']:.3f}" if "ece" in manifest else "not calibrated"
        found.append(calibrated)
    return "; ".join(found) or "no true labels to compare with"
