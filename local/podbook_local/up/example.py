"""Runs one notebook through the REST API and shows request and answer, as a first taste."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from podbook_local.up.rest import Rest

_RUN_SECONDS = 300.0


async def run_example(notebook: str, rest: Rest, say: Callable[[str], None]) -> None:
    """Run the notebook with the examples of its contract, as far as the API answers."""
    try:
        await _run(notebook, rest, say)
    except OSError as error:
        say(f"the example '{notebook}' was not run to its end: {error}")


async def _run(notebook: str, rest: Rest, say: Callable[[str], None]) -> None:
    parameters = await _parameters(notebook, rest)
    body = {"notebook": notebook, "parameters": parameters}
    say(f"\nPOST {rest.url}/api/NotebookExecutions\n{json.dumps(body, indent=2)}")
    status, answer = await _call(rest, "POST", "/api/NotebookExecutions", body)
    say(f"\n{status}\n{json.dumps(answer, indent=2)}")
    if status != 200:  # noqa: PLR2004  (OK)
        return
    path = f"/api/NotebookExecutions?executionId={answer['id']}&output=true"
    _, result = await _call(rest, "GET", path)
    say(f"\nGET {rest.url}{path}\n{json.dumps(result, indent=2)}\n")


async def _parameters(notebook: str, rest: Rest) -> dict[str, Any]:
    """Take each parameter from its schema: the first of `examples`, where there are any."""
    _, answer = await _call(rest, "GET", f"/v1/notebooks/{quote(notebook)}")
    schema = (answer or {}).get("input") or {}
    properties = schema.get("properties") or {}
    return {
        name: value["examples"][0]
        for name, value in properties.items()
        if isinstance(value, dict) and value.get("examples")
    }


async def _call(
    rest: Rest, method: str, path: str, body: dict[str, Any] | None = None
) -> tuple[int, Any]:
    return await asyncio.to_thread(rest.call, method, path, body, timeout_seconds=_RUN_SECONDS)
