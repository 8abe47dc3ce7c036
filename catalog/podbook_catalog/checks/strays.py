"""Warns of files that mean something, and are not where or what they would have to be for it."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from podbook_catalog.checks.faults import Fault
from podbook_catalog.folder.scan import CONFIG_SUFFIX, NOTEBOOK_SUFFIX, SETTINGS_FILE
from podbook_catalog.folder.walk import walk

# As people of other tools call them: in a format that is not read, they would be lost in silence.
_OTHER_CONFIG: Final = re.compile(r"(.+)\.config\.(?:ya?ml|toml|json5|jsonc)$", re.IGNORECASE)
_OTHER_SETTINGS: Final = re.compile(r"\.?podbook\.(?:ya?ml|json|toml)$", re.IGNORECASE)


def of_strays(root: Path, skip: list[str]) -> list[Fault]:
    """Return them."""
    files, real = walk(root, skip=skip).files, root.resolve()
    return [
        Fault(name, "", said, is_error=False)
        for name in sorted(files)
        for said in [*_misnamed(name, files), *_leading_out(real, name)]
    ]


def _misnamed(name: str, files: Collection[str]) -> Iterator[str]:
    if name.endswith(CONFIG_SUFFIX):
        notebook = name.removesuffix(CONFIG_SUFFIX) + NOTEBOOK_SUFFIX
        if notebook not in files:
            yield f"there is no {PurePosixPath(notebook).name} beside it"
    elif found := _OTHER_CONFIG.fullmatch(name):
        if f"{found[1]}{NOTEBOOK_SUFFIX}" in files:
            own = PurePosixPath(found[1]).name + CONFIG_SUFFIX
            yield f"it is not read: a notebook's config is JSON, in {own}"
    elif _OTHER_SETTINGS.fullmatch(name) and name != SETTINGS_FILE:
        yield f"it is not read: settings of a catalog are TOML, in {SETTINGS_FILE}"


def _leading_out(root: Path, name: str) -> Iterator[str]:
    """A link may be meant; whoever pushes should know what it brings along."""
    if not (root / name).resolve().is_relative_to(root):
        yield (
            "it leads out of the folder: a push sends what is there, and where Git is followed it"
            " is left out"
        )
