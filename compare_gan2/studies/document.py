"""The place of a study's table in a text file, between `<!-- table: NAME -->` and `<!-- end of table -->`."""

import re

from compare_gan2.ground import files
from compare_gan2.ground.errors import ConfigError


def place_of_table(document, name):
    """(text before, text after) the table between the two marks.

    Args:
        document: path of the text file.
        name: of the table.

    Raises:
        ConfigError: if the document cannot be read, or does not have these marks exactly once.
    """
    try:
        text = document.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"study.document: {document} cannot be read: {error}") from error
    pattern = rf"(<!-- table: {re.escape(name)} -->\n).*?(<!-- end of table -->)"
    found = list(re.finditer(pattern, text, flags=re.DOTALL))
    if len(found) != 1:
        raise ConfigError(
            f"study.document: {document} has {len(found)} places marked '<!-- table: {name} -->', expected 1"
        )
    return text[: found[0].end(1)], text[found[0].start(2) :]


def put_table(document, name, table):
    """Replaces the table between the two marks; raises what `place_of_table` raises."""
    before, after = place_of_table(document, name)
    with files.replacing(document) as file:
        file.write(f"{before}{table}\n{after}".encode())
