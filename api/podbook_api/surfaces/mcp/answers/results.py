"""Results as the protocol has them: texts, pictures, links, and what is wrong with a call."""

from typing import Any, Final
from urllib.parse import quote

from mcp_types import (
    CallToolResult,
    ContentBlock,
    ImageContent,
    ResourceLink,
    TextContent,
)

from podbook_api.http import problems
from podbook_api.http.problems import Problem
from podbook_api.surfaces.mcp.answers import envelope, readings, texts
from podbook_api.surfaces.mcp.answers.pieces import Pieces, pieces
from podbook_api.surfaces.mcp.calling.watching import Watched
from podbook_api.surfaces.mcp.visits import GET_EXECUTION, Visit
from podbook_crds import names
from podbook_crds.ends.phases import Phase
from podbook_crds.errors import UnknownArtifact

PROBLEM: Final = f"{names.GROUP}/problem"
_LINKED: Final = (names.REPORT_ARTIFACT, names.NOTEBOOK_ARTIFACT)


async def of_run(visit: Visit, watched: Watched, *, reused: float | None) -> CallToolResult:
    """Return what became of a run, or how far it is."""
    execution = watched.execution
    artifacts = await visit.services.artifacts.listed(execution)
    filled = envelope.filled(watched, artifacts, base_url=visit.base_url, reused=reused)
    found = await _pieces(visit, watched)
    content: list[ContentBlock] = [
        TextContent(text=readings.of_run(watched, filled, found.source)),
        *(ImageContent(data=image.data, mime_type=image.media_type) for image in found.images),
    ]
    known = {artifact.name: artifact for artifact in artifacts}
    address = f"{visit.base_url}/v1/executions/{quote(execution.name, safe='')}/artifacts"
    content += [
        ResourceLink(name=name, uri=f"{address}/{name}", mime_type=known[name].media_type)
        for name in _LINKED
        if name in known
    ]
    is_error = execution.status.phase in (Phase.FAILED, Phase.CANCELLED)
    return CallToolResult(content=content, structured_content=filled, is_error=is_error)


def of_value(text: str, value: dict[str, Any], *more: ContentBlock) -> CallToolResult:
    """Return what a fixed tool found."""
    content: list[ContentBlock] = [TextContent(text=texts.clean(text)), *more]
    return CallToolResult(content=content, structured_content=texts.cleaned(value))


def refused(problem: Problem) -> CallToolResult:
    """Return what is wrong with a call, so that its caller can mend it.

    Without structured content: clients check that against the tool's schema, errors or not.
    """
    lines = [f"{problem.title}: {problem.detail}" if problem.detail else problem.title]
    if problem.violations:
        lines = [problem.title, *(str(violation) for violation in problem.violations)]
    document = texts.cleaned(problems.document(problem))
    text = TextContent(text=texts.clean("\n".join(lines)))
    return CallToolResult(content=[text], is_error=True, _meta={PROBLEM: document})


async def _pieces(visit: Visit, watched: Watched) -> Pieces:
    """Return what the executed notebook has to show, to whom it is theirs to see."""
    execution = watched.execution
    if not execution.status.phase.is_final or not await visit.may(GET_EXECUTION, execution.name):
        return Pieces()
    raised = execution.status.exception
    try:
        ipynb = await visit.services.artifacts.executed(execution)
    except UnknownArtifact:
        return Pieces()
    cell = None if raised is None else raised.cell
    return await pieces(visit.services.reader, ipynb, cell=cell)
