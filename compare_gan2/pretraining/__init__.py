"""Features without labels and labels for every image: what S2GAN, S3GAN and CLUSTERING train on (Lucic et al. 2019)."""
