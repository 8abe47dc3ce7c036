"""Finds the YAML of the resource definitions and the policies, as it was shipped."""

from pathlib import Path

import podbook_crds
import podbook_local


def manifests() -> list[Path]:
    """Return the files, those of the types below the package in a wheel, beside it in a clone."""
    package = Path(podbook_crds.__file__).parent
    shipped = sorted((package / "manifests").glob("*.yaml"))
    of_types = shipped or sorted(package.parent.glob("*.yaml"))
    # Of a laptop alone: in a cluster the operator's namespaces are a matter of its installation.
    return [*of_types, Path(podbook_local.__file__).parent / "one-namespace.yaml"]
