"""The formats of an export by their names in `--format`, importing nothing."""

FORMATS = {
    "keras": "generator.keras and discriminator.keras",
    "saved_model": "saved_model/, for TensorFlow alone",
    "onnx": "generator.onnx and discriminator.onnx",
    "model_card": "README.md, samples.png and config.gin, for a page on Hugging Face",
}
DEFAULT = ("keras", "saved_model", "model_card")
EXTRA = {"onnx": ("tf2onnx", "onnxruntime")}  # packages of the extra of that name
