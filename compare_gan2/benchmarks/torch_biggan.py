"""Images per second of the PyPI package pytorch-pretrained-biggan, BigGAN-deep 128, random weights.

A script for an interpreter that has torch and that package; it knows nothing of this one. For each line that it reads,
the size of a batch, it generates one and prints the seconds that took.
"""

import sys
import time

import torch
from pytorch_pretrained_biggan import BigGAN
from pytorch_pretrained_biggan.config import BigGANConfig


def main():
    torch.manual_seed(0)
    model = BigGAN(BigGANConfig()).eval()  # whose defaults are those of BigGAN-deep 128
    for line in sys.stdin:
        batch = int(line)
        latents, labels = torch.randn(batch, 128), torch.nn.functional.one_hot(torch.arange(batch), 1000).float()
        started = time.perf_counter()
        with torch.no_grad():
            images = model(latents, labels, 1.0)
        assert images.shape == (batch, 3, 128, 128)
        print(time.perf_counter() - started, torch.__version__, flush=True)


if __name__ == "__main__":
    main()
