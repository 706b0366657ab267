"""GAN research, above all S3GAN, on TensorFlow 2 and Keras 3."""

__version__ = "0.1.0"
