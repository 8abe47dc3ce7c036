"""Knows the servers of this machine, wherever they keep their data."""

from collections.abc import Iterator, Mapping
from typing import Any


def served_here(environment: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield what every `podbook up` of this user wrote down about itself."""
    from podbook_local.up.data_folder import FolderUnusable
    from podbook_local.up.elsewhere import served

    try:
        folders = list(served(environment))
    except FolderUnusable:
        return  # No home folder: no server could leave a note.
    for folder in folders:
        state = folder.read_state()
        if "catalog" in state and "url" in state:
            yield state
