"""Why a notebook may not be pushed or deleted: each says whose it is, and what to do."""

from podbook_api.http.problems import Problem
from podbook_api.state.catalog import Entry
from podbook_crds.resources.pushed import ManagedBy, Origin


def switched_off() -> Problem:
    """Return the answer of a server whose catalog is not written over REST."""
    return Problem(
        409,
        "push-is-off",
        "Notebooks cannot be pushed to this server",
        "pushing is switched off here; in a cluster the chart's catalog.push switches it on",
    )


def not_the_loader(loader: str) -> Problem:
    """Return the answer to who says that Git keeps a notebook, and does not follow it."""
    return Problem(
        403,
        "forbidden",
        "Only the loader may say that Git keeps a notebook",
        f"here that is {loader}: push without managedBy, or commit to the repository",
    )


def check_owner(current: Entry, *, catalog: str, by: ManagedBy, take_over: bool) -> None:
    """Raise Problem 409 where the notebook belongs to somebody else."""
    if current.managed_by is ManagedBy.UP:
        raise Problem(
            409,
            "managed-elsewhere",
            "The notebook is kept by a folder",
            f"notebook {current.notebook.id!r} is that of a folder that `podbook up` serves:"
            " change it there, or push under another id",
        )
    if current.managed_by is ManagedBy.GIT and by is not ManagedBy.GIT:
        raise Problem(
            409,
            "managed-by-git",
            "The notebook is kept by a Git repository",
            f"notebook {current.notebook.id!r} comes from {_where(_source(current))}:"
            " change it there",
        )
    if current.catalog != catalog and not take_over:
        raise Problem(
            409,
            "other-catalog",
            "The notebook belongs to another catalog",
            f"notebook {current.notebook.id!r} {_holder(current)}; give yours another id, or take"
            " it over (takeOver, --take-over)",
        )


def changed(current: Entry | None, notebook_id: str) -> Problem:
    """Return the answer to who knows another version than there is."""
    if current is None:
        detail = f"there is no notebook {notebook_id!r}"
    else:
        detail = f"notebook {notebook_id!r} has the digest {current.digest} now{_pushed(current)}"
    return Problem(
        412,
        "notebook-changed",
        "The notebook is not the one the request was made for",
        f"{detail}; look what has changed, and push again",
    )


def missing_blobs(digests: list[str]) -> Problem:
    """Return the answer that names what has to be sent first."""
    return Problem(
        409,
        "missing-blobs",
        "Some of what the notebook names is not here",
        f"{len(digests)} blobs are missing: POST them to /v1/blobs, then try again",
        members={"missing": digests},
    )


def unknown_version(current: Entry, wanted: int | str) -> Problem:
    """Return the answer to a version that the notebook never had, or has no more."""
    known = ", ".join(str(version.number) for version in current.history.items) or "none"
    return Problem(
        409,
        "unknown-version",
        "There is no such version to go back to",
        f"notebook {current.notebook.id!r} has no version {wanted}; there are: {known}",
    )


def version_gone(notebook_id: str, number: int) -> Problem:
    """Return the answer to a version whose content was swept."""
    return Problem(
        409,
        "version-gone",
        "The content of this version is gone",
        f"version {number} of notebook {notebook_id!r} is older than what is kept"
        " (`versions` in podbook.toml); push its folder again",
    )


def _holder(current: Entry) -> str:
    if current.catalog is None:
        return "belongs to no catalog: somebody applied it with kubectl"
    return f"belongs to the catalog {current.catalog!r}{_pushed(current)}"


def _pushed(current: Entry) -> str:
    items = current.history.items
    return f", pushed last by {items[0].pushed_by or 'somebody'}" if items else ""


def _source(current: Entry) -> Origin:
    items = current.history.items
    return (items[0].source if items else None) or Origin()


def _where(source: Origin) -> str:
    at = f" at {source.ref}" if source.ref else ""
    below = f", folder {source.path}" if source.path else ""
    return f"{source.repository or 'a Git repository'}{at}{below}"
