"""Lines that report which files of a folder of pictures are not read, and why."""

import collections
import pathlib

# Pictures that Pillow does not decode by itself.
OTHER_PICTURES = (".heic", ".heif", ".svg", ".jxl", ".jp2", ".psd", ".raw", ".dng", ".cr2", ".nef", ".arw", ".eps")


def left_out_lines(contents, root):
    """Yields a line for each reason to leave something out: how often, and one example.

    Args:
        contents: `FolderContents`.
        root: folder that the examples are named below.
    """
    if others := contents.others:
        counts = collections.Counter(path.suffix.lower() or "no suffix" for path in others)
        kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(counts.items()))
        example = _below(others, root)
        yield f"files without the suffix of a picture, passed over: {len(others)} ({kinds}; such as {example})"
        if unread := sorted(counts.keys() & set(OTHER_PICTURES)):
            number = sum(counts[suffix] for suffix in unread)
            yield f"{number} of them are pictures of a kind that is not read ({', '.join(unread)}): convert them to PNG"
    for reason, paths in (
        ("names that start with a dot or two underscores", contents.hidden),
        ("folders named like a picture", contents.misnamed),
        ("pipes, sockets and devices", contents.special),
    ):
        if paths:
            yield f"{reason}, passed over: {len(paths)} (such as {_below(paths, root)})"


def unreadable_line(unreadable, shown=3):
    """A line about pictures that could not be read.

    Args:
        unreadable: {name: reason}.
        shown: how many of them are named.
    """
    examples = "; ".join(f"{name}: {reason}" for name, reason in list(unreadable.items())[:shown])
    return f"unreadable pictures, left out: {len(unreadable)}" + (f" (such as {examples})" if examples else "")


def _below(paths, root):
    path, root = paths[0], pathlib.Path(root)
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
