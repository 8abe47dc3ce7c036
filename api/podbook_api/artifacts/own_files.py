"""The files of a run that its page shows: those that the notebook names, the small ones whole."""

import contextlib
import json
from typing import Any, Final

from podbook_api.artifacts import artifact_names
from podbook_api.artifacts.rendering.addresses import OwnFile, OwnFiles, mentioned
from podbook_api.artifacts.store import Store, artifact_path
from podbook_api.http.reading.reader import Reader, Unreadable
from podbook_crds.resources.execution import Artifact, Execution

# Bytes of one file that becomes part of a page, and of all.
LARGEST: Final = 4 * 1024**2
TOGETHER: Final = 24 * 1024**2
MOST: Final = 200
# Names that are looked for among the run's files.
MENTIONED: Final = 10_000
_SHOWN: Final = ("image/", "audio/", "video/")


async def own_files(
    store: Store, reader: Reader, execution: Execution, uploaded: list[Artifact], ipynb: bytes
) -> OwnFiles:
    """Return what the notebook refers to among the artifacts of its run."""
    names = set(await _mentioned(reader, ipynb)) if uploaded else set()
    room = TOGETHER
    files: dict[str, OwnFile] = {}
    for artifact in [a for a in uploaded if a.name in names][:MOST]:
        media_type = artifact_names.media_type(artifact.name)
        data = None
        if media_type.startswith(_SHOWN) and artifact.size <= min(LARGEST, room):
            data = await store.get(artifact_path(execution.uid, artifact.name))
            room -= artifact.size
        files[artifact.name] = OwnFile(media_type, data)
    return OwnFiles(files)


async def _mentioned(reader: Reader, ipynb: bytes) -> list[str]:
    with contextlib.suppress(Unreadable):
        found: list[str] = json.loads(await reader.ask(listed, {}, ipynb))
        return found
    return []


def listed(_: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return the names of artifacts that a notebook's text may refer to, as JSON."""
    found = mentioned(parts[0])
    return json.dumps(sorted(found)[:MENTIONED]).encode()
