"""What the server of `forked_command` imports: all that a training imports, and nothing that starts TensorFlow."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # as in processes that tests start; read when TensorFlow is imported

import matplotlib.pyplot  # noqa: E402, F401

from compare_gan2.architectures import ARCHITECTURES  # noqa: E402
from compare_gan2.runs.declarations import declare_all  # noqa: E402
from support import tiny_architecture  # noqa: E402

declare_all()
ARCHITECTURES["tiny_arch"] = tiny_architecture
