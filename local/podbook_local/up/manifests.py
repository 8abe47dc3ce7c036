"""Finds the YAML of the resource definitions and the policy, as it was shipped."""

from pathlib import Path

import podbook_crds


def manifests() -> list[Path]:
    """Return the files: below the package in a wheel, beside it in a clone."""
    package = Path(podbook_crds.__file__).parent
    shipped = sorted((package / "manifests").glob("*.yaml"))
    return shipped or sorted(package.parent.glob("*.yaml"))
