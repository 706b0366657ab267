"""BibTeX of the papers behind a model."""

_LUCIC = """@inproceedings{lucic2019fewer,
  title = {High-Fidelity Image Generation With Fewer Labels},
  author = {Lucic, Mario and Tschannen, Michael and Ritter, Marvin and Zhai, Xiaohua and Bachem, Olivier
    and Gelly, Sylvain},
  booktitle = {Proceedings of the 36th International Conference on Machine Learning},
  year = {2019},
  url = {https://arxiv.org/abs/1903.02271}
}"""
_CHEN = """@inproceedings{chen2019rotation,
  title = {Self-Supervised GANs via Auxiliary Rotation Loss},
  author = {Chen, Ting and Zhai, Xiaohua and Ritter, Marvin and Lucic, Mario and Houlsby, Neil},
  booktitle = {IEEE/CVF Conference on Computer Vision and Pattern Recognition},
  year = {2019},
  url = {https://arxiv.org/abs/1811.11212}
}"""
_BROCK = """@inproceedings{brock2019large,
  title = {Large Scale GAN Training for High Fidelity Natural Image Synthesis},
  author = {Brock, Andrew and Donahue, Jeff and Simonyan, Karen},
  booktitle = {International Conference on Learning Representations},
  year = {2019},
  url = {https://arxiv.org/abs/1809.11096}
}"""
_KURACH = """@inproceedings{kurach2019large,
  title = {A Large-Scale Study on Regularization and Normalization in GANs},
  author = {Kurach, Karol and Lucic, Mario and Zhai, Xiaohua and Michalski, Marcin and Gelly, Sylvain},
  booktitle = {Proceedings of the 36th International Conference on Machine Learning},
  year = {2019},
  url = {https://arxiv.org/abs/1807.04720}
}"""
_OF_GANS = {"S3GAN": _LUCIC, "SSGAN": _CHEN}


def citations(gan, architecture):
    """BibTeX entries for a GAN's class (None if unknown) and an architecture, as one text."""
    of_networks = [_BROCK] if architecture.startswith("resnet_biggan") else []
    return "\n\n".join([_OF_GANS.get(gan, _KURACH), *of_networks])
