"""What identifies the content of many picture files, wherever they are and whenever they were copied."""

import concurrent.futures

from compare_gan2.ground.checksums import checksum_of_bytes, checksum_of_file


def content_of(root, names):
    """{"images": checksum of the bytes of all files, "labels": checksum of their paths, which name their classes}.

    Times do not count, so that a copy of a folder has the same content.

    Args:
        root: folder.
        names: paths of the files below it, in a fixed order.

    Raises:
        OSError: for a file that cannot be read.
    """
    with concurrent.futures.ThreadPoolExecutor() as pool:  # hashlib releases the GIL
        digests = list(pool.map(lambda name: checksum_of_file(root / name), names))
    paths = "\0".join(names).encode("utf-8", "surrogateescape")
    return {"images": checksum_of_bytes("".join(digests).encode()), "labels": checksum_of_bytes(paths)}
