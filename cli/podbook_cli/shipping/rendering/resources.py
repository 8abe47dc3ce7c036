"""Prints a folder as Notebook resources, for Argo CD, Flux and kubectl: the same text each time."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from podbook_cli.exits import BadInput
from podbook_cli.shipping.reading import catalog_server, read_folder

if TYPE_CHECKING:
    from podbook_catalog.entries.catalog_entry import Entry
    from podbook_catalog.snapshot import Snapshot
    from podbook_cli.servers.target import Target
    from podbook_crds.resources.notebook import NotebookSpec

# Client-side apply keeps a second copy of an object in an annotation, which holds 262 144 bytes.
_INLINE_LIMIT: Final = 100 * 1000
# For Argo CD: server-side apply keeps no such copy.
_ANNOTATIONS: Final = {"argocd.argoproj.io/sync-options": "ServerSideApply=true"}


def render(folder: Path, target: "Target", *, python: Path | None) -> None:
    """Print a resource for each notebook.

    With a server named, what they are made of is sent there and stands as digests; else it stands
    in the resources as text, as far as they stay small.
    """
    snapshot = read_folder(folder, python)
    if target.is_named:
        _send(snapshot, target)
        specs = [entry.spec for entry in snapshot.entries]
    else:
        specs = [_inline(entry, snapshot) for entry in snapshot.entries]
    sys.stdout.write("".join(_document(spec, snapshot.name) for spec in specs))


def _send(snapshot: "Snapshot", target: "Target") -> None:
    from podbook_crds.content import Content

    with catalog_server(target) as server:
        for entry in snapshot.entries:
            for digest in sorted(Content.of(entry.id, entry.spec).blobs):
                server.send(digest, _bytes(snapshot, digest))


def _bytes(snapshot: "Snapshot", digest: str) -> bytes:
    data = snapshot.blobs.read(digest)
    if data is None:
        raise BadInput(f"{snapshot.blobs.files[digest]} changed meanwhile; try again")
    return data


def _inline(entry: "Entry", snapshot: "Snapshot") -> "NotebookSpec":
    from podbook_crds.resources.notebook import File, Source

    files = [
        File(path=file.path, text=_text(entry, snapshot, file.blob or "", file.path))
        for file in entry.spec.files
    ]
    ipynb = _text(entry, snapshot, entry.spec.source.blob or "", entry.path.as_posix())
    spec = entry.spec.model_copy(update={"source": Source(ipynb=ipynb), "files": files})
    size = len(json.dumps(spec.to_wire()))
    if size > _INLINE_LIMIT:
        raise BadInput(
            f"{entry.path}: as text it has {size} bytes, more than {_INLINE_LIMIT}; name a server"
            " that keeps its files (--url), or fewer `files`"
        )
    return spec


def _text(entry: "Entry", snapshot: "Snapshot", digest: str, path: str) -> str:
    try:
        return _bytes(snapshot, digest).decode()
    except UnicodeDecodeError:
        raise BadInput(
            f"{entry.path}: {path} is no text, so it cannot stand in a resource; name a server that"
            " keeps it (--url), or leave it out (`files`)"
        ) from None


def _document(spec: "NotebookSpec", catalog: str) -> str:
    from podbook_cli.printing.printed_yaml import yaml_text
    from podbook_crds import names
    from podbook_crds.resources.naming import resource_name
    from podbook_crds.resources.pushed import ManagedBy

    # Of one that was pushed it says otherwise.
    keeper = {names.MANAGED_BY_ANNOTATION: ManagedBy.KUBECTL.value}
    resource: dict[str, Any] = {
        "apiVersion": names.API_VERSION,
        "kind": names.NOTEBOOK_KIND,
        "metadata": {
            "name": resource_name(spec.id or ""),
            "labels": {names.CATALOG_LABEL: catalog},
            "annotations": _ANNOTATIONS | keeper,
        },
        "spec": spec.to_wire(),
    }
    return "---\n" + yaml_text(resource, sort_keys=True, width=10**9)
