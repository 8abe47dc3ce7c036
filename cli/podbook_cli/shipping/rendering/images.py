"""Prints the images that a folder's notebooks need: a Dockerfile on the kernel of Podbook."""

import sys
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

from podbook_cli.exits import BadInput
from podbook_cli.shipping.rendering.lock import write_lock


def print_dockerfile(folder: Path, *, python: Path | None) -> None:
    """Lock what is not locked yet, and print the text; raises BadInput."""
    from podbook_catalog.environments.dockerfile import dockerfile

    snapshot, file = write_lock(folder, python=python)
    if not snapshot.needs:
        raise BadInput(f"no notebook of {folder} says which packages it needs")
    digests = {each.needs.key: each.digest for each in file.environments}
    used_by = defaultdict(list)
    for entry in snapshot.entries:
        needs = snapshot.needs.get(entry.spec.runtime.environment or "")
        if needs is not None:
            used_by[digests[needs.key]].append(entry.path.as_posix())
    sys.stdout.write(dockerfile(file.environments, used_by, version=version("podbook")))
