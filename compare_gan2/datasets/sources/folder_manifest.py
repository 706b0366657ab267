"""What a cache of decoded pictures says about itself."""

import numpy as np

from compare_gan2.datasets.pictures.picture_digests import content_of


def stored_label(listing, number):
    """Label of a picture in a record: 0 without classes, -1 without a label beside classes."""
    return listing.labels[number] if listing.class_names else 0


def manifest_of(listing, options, headers, channels, bad, written, shards):
    """Dict that describes a cache's pictures, what was done to them, and its files.

    Args:
        listing: `Listing`.
        options: `FolderOptions`.
        headers: {number of a picture: `PictureHeader`}.
        channels: of the cached images.
        bad: {name: reason} of the pictures that cannot be read.
        written: {split: numbers of its pictures in the order of the records}.
        shards: {split: names of its files}.
    """
    read = [headers[number] for numbers in written.values() for number in numbers]
    sizes = [(header.height, header.width) for header in read]
    areas = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    labels = [listing.labels[number] for numbers in written.values() for number in numbers]
    histogram = np.bincount([label for label in labels if label >= 0] or [0])
    return {
        "resolution": options.resolution,
        "crop": options.crop,
        "test_fraction": options.test_fraction,
        "channels": channels,
        "class_names": listing.class_names,
        "counts": {split: len(numbers) for split, numbers in written.items()},
        "shards": shards,
        "content": {split: content_of(listing, numbers) for split, numbers in written.items()},
        "unlabelled": {
            split: sum(stored_label(listing, number) < 0 for number in numbers) for split, numbers in written.items()
        },
        "unreadable": bad,
        "histogram": histogram.tolist() if listing.class_names else None,
        "smallest": areas[0],
        "largest": areas[-1],
        "enlarged": sum(options.is_smaller(*size) for size in sizes),
        "not_square": sum(height != width for height, width in sizes),
        "with_alpha": sum(header.has_alpha for header in read),
        "converted": sum(header.channels != channels for header in read),
        "background": options.background,
        "pictures": [
            {"path": name, "size": size, "mtime_ns": mtime}
            for name, size, mtime in zip(listing.names, listing.sizes, listing.mtimes, strict=True)
        ],
    }
