"""The classifiers whose weights are in the package, and the dataset that each knows; without TensorFlow."""

import dataclasses
import pathlib


@dataclasses.dataclass(frozen=True)
class Shipped:
    """One of the classifiers of the package.

    Attributes:
        name: value of `feature_network.name`.
        dataset: whose training images it was trained on, and whose classes its logits are.
    """

    name: str
    dataset: str

    @property
    def path(self):
        """Of the file of its weights."""
        return pathlib.Path(__file__).with_name(f"{self.name}.npz")


SHIPPED = {shipped.name: shipped for shipped in (Shipped("digits", "mnist_5k"), Shipped("fashion", "fashion_mnist"))}
