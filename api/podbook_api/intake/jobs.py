"""Puts together what a runner needs for one attempt."""

import contextlib
import json
from datetime import datetime
from typing import Any, Final

from podbook_api.artifacts.pinned_content import Contents
from podbook_api.state.catalog import Catalog
from podbook_crds import names
from podbook_crds.call_rules import languages, now_defaults, surfaces
from podbook_crds.content import Content, ContentFile, blob_digest
from podbook_crds.errors import InvalidContract, InvalidParameters, PodbookError
from podbook_crds.protocol.job import Job, JobFile
from podbook_crds.resources.execution import Execution

# What travels inside the job instead of being fetched by digest: one file, and all together.
_INLINE_FILE: Final = 256 * 1024
_INLINE_ALL: Final = 1024 * 1024
# What an inline notebook is called in its work folder.
_INLINE_ID: Final = "notebook"


class ContentGone(PodbookError):
    """What the execution was pinned to is not in the store any more."""


class Jobs:
    """Builds jobs from pinned content."""

    def __init__(self, contents: Contents, catalog: Catalog) -> None:
        self._contents = contents
        self._catalog = catalog

    async def build(self, execution: Execution, *, attempt: int, pod: dict[str, Any]) -> Job:
        """Return the job; raise ContentGone where the pinned content cannot be had."""
        content = await self._content(execution, pod)
        ipynb = await self._ipynb(content, execution.spec.notebook.ipynb)
        override, runtime, defaults = execution.spec.runtime, content.runtime, content.defaults
        return Job(
            namespace=execution.namespace,
            name=execution.name,
            uid=execution.uid,
            attempt=attempt,
            notebook_id=content.id,
            ipynb=ipynb,
            files=await self._files(content.files),
            parameters=_parameters(execution, content),
            by_first_line=surfaces.is_strict(execution.annotations.get(names.SURFACE_ANNOTATION)),
            input=content.input,
            output=content.output,
            inferred=content.inferred,
            models=content.models,
            output_validation=execution.spec.output_validation or content.output_validation,
            language=_language(execution, content),
            kernel=override.kernel or runtime.kernel,
            python_path=runtime.python_path,
            workdir=runtime.workdir,
            deadline_seconds=execution.spec.deadline_seconds or defaults.deadline_seconds,
        )

    async def blobs(self, execution: Execution, pod: dict[str, Any]) -> frozenset[str]:
        """Return the digests that its job names; raise ContentGone as `build` does."""
        content = await self._content(execution, pod)
        return frozenset({content.ipynb, *(file.digest for file in content.files)})

    async def _content(self, execution: Execution, pod: dict[str, Any]) -> Content:
        reference = execution.spec.notebook
        if reference.name is None:
            text = reference.ipynb or ""
            return Content(id=_INLINE_ID, ipynb=reference.blob or blob_digest(text.encode()))
        return await self._pinned(reference.name, pinned_digest(execution, pod))

    async def _pinned(self, name: str, digest: str | None) -> Content:
        """The store's, or the catalog's own if the operator pinned it before this API saw it."""
        entry = self._catalog.named(name)
        if entry is not None and digest in (None, entry.digest):
            await self._contents.keep(entry.notebook, entry.content, entry.digest)
            return entry.content
        content = await self._contents.get(digest) if digest else None
        if content is None:
            raise ContentGone(f"the content {digest} of notebook {name} is not kept any more")
        return content

    async def _ipynb(self, content: Content, text: str | None) -> JobFile:
        if text is None:
            text = await self._contents.text(content.ipynb)
        if text is None:
            raise ContentGone(f"the notebook's blob {content.ipynb} is not kept any more")
        size = len(text.encode("utf-8", "surrogatepass"))
        return JobFile(
            path=content.path or f"{content.id}.ipynb",
            digest=content.ipynb,
            size=size,
            text=text if size <= _INLINE_ALL else None,
        )

    async def _files(self, files: list[ContentFile]) -> list[JobFile]:
        room, listed = _INLINE_ALL, []
        for file in files:
            text = None
            if file.size <= min(room, _INLINE_FILE):
                text = await self._text_or_none(file.digest)
            room -= file.size if text is not None else 0
            listed.append(JobFile(path=file.path, digest=file.digest, size=file.size, text=text))
        return listed

    async def _text_or_none(self, digest: str) -> str | None:
        try:
            return await self._contents.text(digest)
        except PodbookError:
            return None  # Not text: fetched by its digest.


def _parameters(execution: Execution, content: Content) -> str:
    """Return their JSON; a POST resolved what means a day, for `kubectl` it is done here."""
    text = execution.spec.parameters_text or json.dumps(execution.spec.parameters)
    if content.inferred or not now_defaults.any_in(content.input):
        return text
    made = datetime.fromisoformat(execution.created)
    with contextlib.suppress(InvalidContract, InvalidParameters):  # The runner says what is wrong.
        return json.dumps(now_defaults.given(execution.given_parameters, content.input, made))
    return text


def _language(execution: Execution, content: Content) -> str:
    if execution.spec.notebook.name is None:
        return languages.of_inline(execution)
    return content.runtime.language


def pinned_digest(execution: Execution, pod: dict[str, Any]) -> str | None:
    """Return what the caller pinned, else what the operator did when it made the pod."""
    annotations = pod["metadata"].get("annotations") or {}
    return execution.spec.notebook.digest or annotations.get(names.NOTEBOOK_DIGEST_ANNOTATION)
