"""Scores of generated images: networks that give features and logits, and pure functions of those arrays.

Real features come first, fake ones second; all but MS-SSIM is computed in float64. GILBO, which compare_gan once had,
is not here: it trains a network of its own for every checkpoint.
"""
