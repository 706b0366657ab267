"""Features learned before the GAN, and labels for every image inferred from them (Lucic et al. 2019, section 3)."""
