"""Answers with a notebook as its author left it: the file, or the page that is made of it."""

from fastapi import Request
from starlette.responses import Response

from podbook_api.artifacts import artifact_names, file_answers
from podbook_api.artifacts.execution_artifacts import Body
from podbook_api.artifacts.framed_pages import page_forms
from podbook_api.artifacts.pinned_content import Contents
from podbook_api.artifacts.rendering.renderer import Renderer
from podbook_api.http.paths import root_of
from podbook_api.state.catalog import Entry
from podbook_crds.content import blob_digest
from podbook_crds.errors import UnknownArtifact
from podbook_crds.formats import media_types


async def page(request: Request, contents: Contents, renderer: Renderer, entry: Entry) -> Response:
    """Return the page, below a policy that lets it reach nothing; raise UnknownArtifact."""
    html = await renderer.page(await _ipynb(contents, entry), report=False)
    html = page_forms.titled(page_forms.below(html, root_of(request.scope)), entry.notebook.id)
    return _answer(request, html, artifact_names.HTML_TYPE)


async def ipynb(request: Request, contents: Contents, entry: Entry) -> Response:
    """Return the file; raise UnknownArtifact."""
    return _answer(request, await _ipynb(contents, entry), media_types.IPYNB)


async def _ipynb(contents: Contents, entry: Entry) -> bytes:
    source = entry.notebook.spec.source
    text = source.ipynb
    if text is None and source.blob is not None:
        text = await contents.text(source.blob)
    if text is None:
        raise UnknownArtifact(f"the source of notebook {entry.notebook.id!r} is not in the store")
    return text.encode("utf-8", "surrogatepass")


def _answer(request: Request, data: bytes, media_type: str) -> Response:
    body = Body(media_type, len(data), f'"{blob_digest(data)}"', data=data)
    return file_answers.response(request, body)
