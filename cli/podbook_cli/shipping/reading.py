"""Reads the folder that a command ships, and says what is wrong with it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from podbook_cli.exits import BadInput, NoServer

if TYPE_CHECKING:
    from podbook_catalog.locked.locks import Locks
    from podbook_catalog.pushing.rest import CatalogServer
    from podbook_catalog.snapshot import Snapshot
    from podbook_cli.servers.target import Target


def read_folder(folder: Path, python: Path | None, locks: "Locks | None" = None) -> "Snapshot":
    """Return the folder as runs elsewhere would see it; raises BadInput.

    Every notebook of it can run: what is broken is named, and nothing is shipped.
    """
    found = read_for_others(folder, python, locks)
    for sentence in found.warnings:
        sys.stderr.write(f"warning: {sentence}\n")
    if found.problems:
        told = "\n".join(f"{path}: {problem}" for path, problem in found.problems.items())
        raise BadInput(f"{told}\n{_counted(len(found.problems))} cannot run; nothing was written")
    return found


def read_for_others(folder: Path, python: Path | None, locks: "Locks | None" = None) -> "Snapshot":
    """Return the folder as runs elsewhere would see it, broken notebooks too; raises BadInput."""
    from podbook_catalog import interpreter as interpreters
    from podbook_catalog.settings.errors import Mistaken
    from podbook_catalog.settings.podbook_toml import read_settings
    from podbook_catalog.snapshot import read_snapshot

    root = Path(os.path.abspath(folder))
    if not root.is_dir():
        raise BadInput(f"{folder} is no folder")
    try:
        setting = read_settings(root).python
        chosen = interpreters.choose(root, option=python, setting=setting, environment=os.environ)
        return read_snapshot(
            root, interpreter=chosen, environment=os.environ, is_local=False, locks=locks
        )
    except (Mistaken, interpreters.NoInterpreter) as error:
        raise BadInput(str(error)) from error


@contextmanager
def catalog_server(target: "Target") -> "Iterator[CatalogServer]":
    """Give the catalog of the server that is meant; its refusals become sentences."""
    from podbook_catalog.pushing.rest import CatalogServer, Declined, NoAnswer

    with target.client() as client:
        try:
            yield CatalogServer(client.http)
        except Declined as error:
            raise BadInput(str(error)) from error
        except NoAnswer as error:
            raise NoServer(str(error)) from error


def _counted(number: int) -> str:
    return "1 notebook" if number == 1 else f"{number} notebooks"
