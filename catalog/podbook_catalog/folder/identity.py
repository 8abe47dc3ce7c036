"""What a notebook is called: its id, from its path."""

import unicodedata
from pathlib import PurePath


def id_of(path: PurePath) -> str:
    """Return the id of the notebook at the path below the folder: the path without .ipynb.

    Always with slashes and in Unicode's composed form: macOS hands out decomposed file names,
    and the same notebook must have the same id everywhere.
    """
    return composed(path.with_suffix("").as_posix())


def composed(text: str) -> str:
    """Return the text in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", text)
