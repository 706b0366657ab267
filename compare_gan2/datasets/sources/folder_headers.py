"""What the headers of a folder's pictures say before one is decoded: sizes, channels, which are too small."""

import dataclasses
import functools

from compare_gan2.datasets.pictures import picture_reader
from compare_gan2.ground.errors import DataError
from compare_gan2.ground.image_size import in_pixels

FIRST = 256  # pictures whose headers are read to foresee the channels


def known_channels(listing, options):
    """1 or 3, the channels that images of a folder will have, by the headers of its first pictures; None if unknown.

    Args:
        listing: `Listing`.
        options: `FolderOptions`.
    """
    if options.channels != "auto":
        return options.channels_of(())
    channels = []
    for number in range(min(len(listing.names), FIRST)):
        header, _ = attempt(_header_of, listing.path_of(number))
        if header is not None:
            channels.append(header.channels)
        if 3 in channels:
            return 3
    return max(channels, default=3) if len(listing.names) <= FIRST else None


def _header_of(path, max_pixels=picture_reader.MAX_PIXELS):
    return picture_reader.header_of(path, dataclasses.replace(picture_reader.TRAINING, max_pixels=max_pixels))


def attempt(function, path):
    """(value, None), or (None, reason) for a picture that cannot be read."""
    try:
        return function(path), None
    except Exception as error:  # decoders raise errors of any kind; they are counted and reported
        return None, picture_reader.reason_of(error)


def headers_of(listing, pool, max_pixels):
    """({number: `PictureHeader`}, {name: reason} of those that cannot be read).

    Args:
        listing: `Listing`.
        pool: `concurrent.futures.Executor`.
        max_pixels: of a file, see `ReadingRules`.
    """
    paths = [listing.path_of(number) for number in range(len(listing.names))]
    header_of = functools.partial(_header_of, max_pixels=max_pixels)
    found = list(pool.map(functools.partial(attempt, header_of), paths))
    headers = {number: header for number, (header, reason) in enumerate(found) if reason is None}
    return headers, {listing.names[n]: reason for n, (_, reason) in enumerate(found) if reason is not None}


def fits(path, options):
    """Whether `folder.smaller` leaves a readable picture in; see `large_enough`."""
    header = _header_of(path, options.max_pixels)
    return options.smaller != "leave_out" or not options.is_smaller(header.height, header.width)


def large_enough(headers, listing, options):
    """(`headers` without those that `folder.smaller` leaves out, number of these).

    Args:
        headers: {number: `PictureHeader`}.
        listing: `Listing`.
        options: `FolderOptions`.

    Raises:
        DataError: if smaller pictures are refused, or none would be left.
    """
    smaller = [n for n, header in headers.items() if options.is_smaller(header.height, header.width)]
    if not smaller or options.smaller == "enlarge":
        return headers, 0
    first, side = headers[smaller[0]], options.resolution
    if options.smaller == "refuse":
        raise DataError(
            f"folder.smaller: {len(smaller)} of {len(headers)} pictures are smaller than folder.resolution ({side}), "
            f"such as {listing.names[smaller[0]]} with {in_pixels(first.height, first.width)}; bind a smaller "
            "folder.resolution, or folder.smaller = 'leave_out' or 'enlarge'"
        )
    left = {number: header for number, header in headers.items() if number not in set(smaller)}
    if not left:
        raise DataError(
            f"folder.smaller: all {len(smaller)} pictures are smaller than folder.resolution ({side}), so that "
            "'leave_out' leaves none; bind a smaller folder.resolution"
        )
    return left, len(smaller)
