"""Rows of scores that are the Fréchet distance of all images: its name says whether its features are those of FID."""

DISTANCES = {"fid": "FID", "frechet_distance": "Fréchet distance"}  # name of the row -> title


def distance_of(rows):
    """Name of the distance that is among the names of rows, FID before the other; None if neither is."""
    return next((name for name in DISTANCES if name in rows), None)


def is_distance(row):
    """Whether a row is a Fréchet distance of any kind, of all images or extrapolated."""
    return row.startswith(tuple(DISTANCES))
