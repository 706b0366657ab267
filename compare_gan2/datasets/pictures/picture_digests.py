"""What identifies the content of many picture files, wherever they are and whenever they were copied."""

import concurrent.futures

from compare_gan2.ground.checksums import checksum_of_bytes, checksum_of_file


def content_of(listing, numbers):
    """{"images": checksum of the bytes of all files, "labels": checksum of their paths, which name their classes}.

    Times do not count, so that a copy of a folder has the same content.

    Args:
        listing: `Listing`.
        numbers: of the pictures in it; their order does not count.

    Raises:
        OSError: for a file that cannot be read.
    """
    numbers = sorted(numbers, key=lambda number: listing.names[number])
    with concurrent.futures.ThreadPoolExecutor() as pool:  # hashlib releases the GIL
        digests = list(pool.map(lambda number: checksum_of_file(listing.path_of(number)), numbers))
    paths = "\0".join(listing.name_and_kind(number) for number in numbers).encode("utf-8", "surrogateescape")
    return {"images": checksum_of_bytes("".join(digests).encode()), "labels": checksum_of_bytes(paths)}
