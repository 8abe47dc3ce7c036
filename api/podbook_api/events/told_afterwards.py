"""Tells the log of a run that left none, from its notebook."""

import asyncio
import json

from podbook_api.artifacts.execution_artifacts import Artifacts
from podbook_crds.errors import UnknownArtifact
from podbook_crds.log.events import written
from podbook_crds.log.from_notebook import events_of
from podbook_crds.resources.execution import Execution


async def lines_of(artifacts: Artifacts, execution: Execution) -> list[bytes]:
    """Return the events as lines; none where the run left no notebook."""
    try:
        data = await artifacts.executed(execution)
    except UnknownArtifact:
        return []
    return await asyncio.to_thread(_lines, data)


def _lines(notebook: bytes) -> list[bytes]:
    try:
        return [written(event) for event in events_of(json.loads(notebook))]
    except (ValueError, TypeError, LookupError, AttributeError):
        # What a run leaves is of any form: then there is nothing to tell.
        return []
