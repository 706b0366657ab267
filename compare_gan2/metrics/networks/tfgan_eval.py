"""TF-GAN's evaluation functions, without the rest of TF-GAN.

`import tensorflow_gan` fails on TensorFlow >= 2.16, because its two package files use tf.estimator. Its evaluation part
does not, so it is loaded under empty stand-ins for those two packages.
"""

import functools
import importlib
import importlib.util
import pathlib
import sys
import types

from compare_gan2.ground.errors import MissingPackageError

SUPPORTED_VERSION = "2.1.0"
_PARENTS = ("tensorflow_gan", "tensorflow_gan.python")
_NEEDED = ("frechet_classifier_distance_from_activations", "classifier_score_from_logits", "INCEPTION_TFHUB")


@functools.cache
def load():
    """The module `tensorflow_gan.python.eval`.

    Raises:
        MissingPackageError: if tensorflow-gan is missing, or is a version whose evaluation part does not load this way.
    """
    advice = f"the scores need tensorflow-gan {SUPPORTED_VERSION}: pip install tensorflow-gan=={SUPPORTED_VERSION}"
    spec = importlib.util.find_spec("tensorflow_gan")  # does not run it
    if spec is None or not spec.submodule_search_locations:
        raise MissingPackageError(f"{advice} (it is not installed)")
    root = pathlib.Path(spec.submodule_search_locations[0])
    added = []
    for name, path in zip(_PARENTS, (root, root / "python"), strict=True):
        if name not in sys.modules:
            sys.modules[name] = types.ModuleType(name)
            sys.modules[name].__path__ = [str(path)]
            added.append(name)
    try:
        module = importlib.import_module("tensorflow_gan.python.eval")
        missing = [name for name in _NEEDED if not hasattr(module, name)]
    except Exception as error:  # an unsupported version can fail in any way
        raise MissingPackageError(f"{advice} (its evaluation part does not load: {error!r})") from error
    finally:
        for name in added:  # a later `import tensorflow_gan` must not get the empty stand-in
            del sys.modules[name]
    if missing:
        raise MissingPackageError(f"{advice} (its evaluation part lacks {', '.join(missing)})")
    return module
