"""An execution's artifacts: what was uploaded, and what can be made from it on demand."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from pydantic import ValidationError

from podbook_api.artifacts import artifact_names
from podbook_api.artifacts.explanation import explained
from podbook_api.artifacts.own_files import own_files
from podbook_api.artifacts.pinned_content import Contents
from podbook_api.artifacts.rendering.renderer import Renderer
from podbook_api.artifacts.store import PROGRESS, Store, artifact_path, is_artifact
from podbook_api.http.reading.reader import Reader
from podbook_api.state.catalog import Catalog
from podbook_crds import names
from podbook_crds.content import Content, blob_digest
from podbook_crds.errors import InvalidNotebook, UnknownArtifact
from podbook_crds.formats import media_types
from podbook_crds.protocol.intake import Progress
from podbook_crds.resources.execution import Artifact, Cells, Execution

RENDERED: Final = (names.HTML_ARTIFACT, names.REPORT_ARTIFACT)


@dataclass(frozen=True)
class Body:
    """An artifact to be sent: size in bytes; etag where the bytes are known to stay."""

    media_type: str
    size: int
    etag: str | None
    data: bytes | None = None
    path: str | None = None
    store: Store | None = None

    def typed(self, media_type: str) -> "Body":
        """Return the same bytes under another media type."""
        return replace(self, media_type=media_type)

    async def of(self, data: bytes) -> "Body":
        """Return other bytes under the same type."""
        return await _body(data, self.media_type)

    async def chunks(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from start up to, not including, end."""
        if self.data is not None:
            yield self.data[start:end]
        elif self.store is not None and self.path is not None:
            async for chunk in self.store.chunks(self.path, start, end):
                yield chunk


@dataclass(frozen=True)
class Makers:
    """What makes of a run's files what is asked for and is not there."""

    renderer: Renderer
    reader: Reader
    # Makes the notebook of a run's event log, where there is one.
    told: Callable[[Execution], Awaitable[bytes | None]]


class Artifacts:
    """Lists and opens artifacts."""

    def __init__(self, store: Store, contents: Contents, catalog: Catalog, makers: Makers) -> None:
        self._store = store
        self._contents = contents
        self._catalog = catalog
        self._makers = makers

    async def uploaded(self, execution: Execution) -> list[Artifact]:
        """Return what the runs left: as the result lists it, or as it stands in the store."""
        if execution.status.phase.is_final and execution.status.artifacts:
            return execution.status.artifacts
        if not execution.status.was_claimed:
            return []  # Only what has claimed its job can have left anything.
        prefix = artifact_path(execution.uid, "")
        return [
            Artifact(name=name, media_type=artifact_names.media_type(name), size=s.size, digest="")
            async for s in self._store.under(prefix.rstrip("/"))
            if is_artifact(name := s.path.removeprefix(prefix))
        ]

    async def listed(self, execution: Execution) -> list[Artifact]:
        """Return everything that can be asked for, the pages that are made on demand included."""
        uploaded = await self.uploaded(execution)
        known = {artifact.name for artifact in uploaded}
        if names.NOTEBOOK_ARTIFACT not in known and not execution.status.phase.is_final:
            return uploaded
        made = [names.NOTEBOOK_ARTIFACT, *RENDERED]
        return uploaded + [
            Artifact(name=name, media_type=artifact_names.media_type(name), size=0, digest="")
            for name in made
            if name not in known
        ]

    async def remove(self, execution: Execution) -> None:
        """Delete everything that the execution left."""
        folder = artifact_path(execution.uid, "").rstrip("/")
        await self._store.delete([stored.path async for stored in self._store.under(folder)])

    async def open(self, execution: Execution, name: str) -> Body:
        """Return an artifact; raise UnknownArtifact."""
        if name in RENDERED:
            return await self.html(execution, report=name == names.REPORT_ARTIFACT)
        found = await self._stored(execution, name)
        if found is None and name == names.NOTEBOOK_ARTIFACT:
            return await _body(await self.notebook(execution), media_types.IPYNB)
        if found is None:
            raise UnknownArtifact(f"execution {execution.name} has no artifact {name[:200]!r}")
        return found

    async def notebook(self, execution: Execution) -> bytes:
        """Return the notebook as far as it ran: where it never did, its source, explained."""
        try:
            return await self.executed(execution)
        except UnknownArtifact:
            if not execution.status.phase.is_final:
                raise
        source, cells = await self.source(execution), await self._cells(execution)
        return await explained(self._makers.reader, source, execution, cells)

    async def executed(self, execution: Execution) -> bytes:
        """Return the notebook that the run left; raise UnknownArtifact where it is not there."""
        data = await self._store.get(artifact_path(execution.uid, names.NOTEBOOK_ARTIFACT))
        if data is None and execution.status.was_claimed:
            data = await self._makers.told(execution)
        if data is None:
            raise UnknownArtifact(
                f"the notebook of execution {execution.name} is not kept any more"
            )
        return data

    async def output(self, execution: Execution) -> Body:
        """Return what was saved, as JSON; raise UnknownArtifact."""
        found = await self._stored(execution, names.OUTPUT_ARTIFACT)
        if found is None and not execution.status.has_output:
            raise UnknownArtifact(f"execution {execution.name} saved no output")
        if found is not None:
            return found
        return await _body(json.dumps(execution.status.output).encode(), "application/json")

    async def exception(self, execution: Execution, text: str) -> Body:
        """Return the whole traceback, or the text where none was left."""
        found = await self._stored(execution, names.EXCEPTION_ARTIFACT)
        plain = artifact_names.media_type(names.EXCEPTION_ARTIFACT)
        return found or await _body(text.encode("utf-8", "backslashreplace"), plain)

    async def html(self, execution: Execution, *, report: bool) -> Body:
        """Return the notebook as a page; a report shows no code."""
        ipynb = await self.notebook(execution)
        files = await own_files(
            self._store, self._makers.reader, execution, await self.uploaded(execution), ipynb
        )
        page = await self._makers.renderer.page(ipynb, report=report, files=files)
        return await _body(page, artifact_names.HTML_TYPE)

    async def _stored(self, execution: Execution, name: str) -> Body | None:
        if not artifact_names.is_valid(name):
            return None
        path = artifact_path(execution.uid, name)
        stored = await self._store.head(path)
        if stored is None:
            return None
        listed = [a for a in execution.status.artifacts if a.name == name]
        return Body(
            media_type=listed[0].media_type if listed else artifact_names.media_type(name),
            size=stored.size,
            etag=f'"{listed[0].digest}"' if listed and listed[0].digest else None,
            path=path,
            store=self._store,
        )

    async def source(self, execution: Execution) -> str | None:
        """Return the notebook as it was handed in; None where it is not kept any more."""
        reference = execution.spec.notebook
        if reference.ipynb is not None:
            return reference.ipynb
        digest = reference.blob
        if digest is None:
            pinned = execution.status.notebook_digest or reference.digest
            content = await self._contents.get(pinned) if pinned else self._current(reference.name)
            digest = None if content is None else content.ipynb
        try:
            return None if digest is None else await self._contents.text(digest)
        except InvalidNotebook:
            return None

    async def _cells(self, execution: Execution) -> Cells | None:
        """Return how far the run is known to have got: what it reported last, if it ever did."""
        if execution.status.cells is not None or not execution.status.was_claimed:
            return execution.status.cells
        data = await self._store.get(artifact_path(execution.uid, PROGRESS))
        try:
            told = None if data is None else Progress.model_validate_json(data)
        except ValidationError:
            told = None
        if told is None:
            return None
        return Cells(total=told.cells_total, completed=told.cells_completed)

    def _current(self, name: str | None) -> Content | None:
        """What nobody pinned never ran: it would have been the notebook as it is."""
        entry = None if name is None else self._catalog.named(name)
        return None if entry is None else entry.content


async def _body(data: bytes, media_type: str) -> Body:
    # In a thread: of much it takes long, and lets others go on meanwhile.
    digest = await asyncio.to_thread(blob_digest, data)
    return Body(media_type=media_type, size=len(data), etag=f'"{digest}"', data=data)
