"""Runs one notebook through the REST API and shows request and answer, as a first taste."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from podbook_local.up.rest import Rest

_RUN_SECONDS = 300.0
_WAIT_SECONDS = 60
# Of an answer with thirty members, what a first look needs.
_SHOWN = ("id", "notebook", "phase", "reason", "parameters", "output", "startedAt", "finishedAt")


async def run_example(notebook: str, rest: Rest, say: Callable[[str], None]) -> None:
    """Run the notebook with the examples of its contract, as far as the API answers."""
    try:
        await _run(notebook, rest, say)
    except OSError as error:
        say(f"the example '{notebook}' was not run to its end: {error}")


async def _run(notebook: str, rest: Rest, say: Callable[[str], None]) -> None:
    parameters = await _parameters(notebook, rest)
    body = {"parameters": parameters}
    path = f"/v1/notebooks/{quote(notebook)}/executions?wait={_WAIT_SECONDS}"
    say(f"\nPOST {rest.url}{path}\n{json.dumps(body, indent=2)}")
    status, answer = await _call(rest, "POST", path, body)
    known = {name: answer[name] for name in _SHOWN if name in answer} if answer else {}
    say(f"\n{status}\n{json.dumps(known or answer, indent=2)}")
    if "id" in known:
        say(f"\nIts page   {rest.url}/executions/{known['id']}\n")


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
