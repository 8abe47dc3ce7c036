"""Prints the images that a folder's notebooks need: a Dockerfile on the kernel of Podbook."""

import os
import sys
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

from podbook_cli.exits import BadInput
from podbook_cli.shipping.reading import read_folder


def print_dockerfile(folder: Path, *, python: Path | None) -> None:
    """Lock what the notebooks need by uv, and print the text; raises BadInput."""
    from podbook_catalog.environments.dockerfile import PYTHON, dockerfile
    from podbook_catalog.environments.uv import CannotMake, Uv

    snapshot = read_folder(folder, python)
    if not snapshot.needs:
        raise BadInput(f"no notebook of {folder} says which packages it needs")
    used_by = defaultdict(list)
    for entry in snapshot.entries:
        used_by[entry.spec.runtime.environment or ""].append(entry.path.as_posix())
    uv = Uv(os.environ)
    try:
        text = dockerfile(
            snapshot.needs,
            used_by,
            lock=lambda needs: uv.lock_anywhere(needs.requirements, PYTHON),
            version=version("podbook"),
        )
    except CannotMake as error:
        raise BadInput(str(error)) from error
    sys.stdout.write(text)
