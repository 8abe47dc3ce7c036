"""What a call asks of the server, step by step: no socket and no clock, for both clients.

A step yields Ask or Pause to whoever drives it and is sent the answer; what it returns is the
call's result.
"""

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx

from podbook.calling.outcomes import NoOutput
from podbook.refusals import NotFound, Unreachable, refused

Json = dict[str, Any]
T = TypeVar("T")

# The server answers a wait after at most this long; the client then asks again.
LONGEST_WAIT_SECONDS: Final = 60.0
FINAL: Final = frozenset({"Succeeded", "Failed", "Cancelled"})
_TRIES: Final = 5
_BUSY: Final = frozenset({429, 502, 503, 504})
_LONGEST_PAUSE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; seconds is what the server may take longer than usual."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Pause:
    """So long nothing is asked."""

    seconds: float


Steps = Generator[Ask | Pause, Any, T]
# Is told how many are there, of how many; None where that is not known.
Progress = Callable[[int, int | None], None]


def answered(ask: Ask) -> Steps[httpx.Response]:
    """Ask until there is an answer: every request may be repeated, POSTs by their key.

    Raises Unreachable and ApiError.
    """
    for tried in range(1, _TRIES + 1):
        answer = yield ask
        last = tried == _TRIES
        if isinstance(answer, httpx.TransportError):
            if last:
                raise Unreachable(f"the server gave no answer: {answer}") from answer
            yield Pause(_growing(tried))
        elif answer.status_code in _BUSY and not last:
            yield Pause(_pause(answer, tried))
        elif answer.is_error:
            raise refused(answer)
        else:
            found: httpx.Response = answer
            return found
    raise AssertionError("the last try answers or raises")


def _pause(answer: httpx.Response, tried: int) -> float:
    """Return what Retry-After asks for, as far as anybody would wait."""
    said = answer.headers.get("retry-after", "")
    return min(float(said) if said.isdigit() else _growing(tried), _LONGEST_PAUSE_SECONDS)


def _growing(tried: int) -> float:
    return 0.2 * 2.0**tried


def fetched(ask: Ask) -> Steps[Json]:
    """Return the JSON object of the answer."""
    answer = yield from answered(ask)
    found: Json = answer.json()
    return found


def path_of(execution: str) -> str:
    """Return where the execution is."""
    return f"/v1/executions/{quote(execution, safe='')}"


def submitted(
    notebook: str, parameters: Json | None, key: str | None, fresh: bool, options: Json
) -> Steps[Json]:
    """Ask for a run; a key of its own makes a repeated request the same run."""
    headers = {"Idempotency-Key": key or uuid4().hex}
    headers |= {"Cache-Control": "no-cache"} if fresh else {}
    body = {"parameters": parameters or {}, **options}
    path = f"/v1/notebooks/{quote(notebook)}/executions"
    return (yield from fetched(Ask("POST", path, body=body, headers=headers)))


def rerun(execution: str, parameters: Json | None, version: str) -> Steps[Json]:
    """Ask for the same run once more."""
    body = {"parameters": parameters or {}, "version": version}
    headers = {"Idempotency-Key": uuid4().hex}
    ask = Ask("POST", f"{path_of(execution)}/rerun", body=body, headers=headers)
    return (yield from fetched(ask))


def cancelled(execution: str) -> Steps[Json]:
    """Ask a run to end."""
    return (yield from fetched(Ask("POST", f"{path_of(execution)}/cancel", body={})))


def looked(execution: str, seconds: float) -> Steps[Json]:
    """Look at a run, as soon as it is final or the seconds are over."""
    params = {"wait": seconds} if seconds else {}
    return (yield from fetched(Ask("GET", path_of(execution), params, seconds=seconds)))


def output(view: Json) -> Steps[Any]:
    """Return what was saved, however large; raise NoOutput that says why there is none."""
    if "hasOutput" not in view:  # A list does not tell.
        view = yield from looked(view["id"], 0)
    if not view.get("hasOutput"):
        if not view["id"]:
            raise NoOutput(f"there was no run: {view['message']}")
        if view["phase"] not in FINAL:
            why = f"the run is {view['phase']}: wait() for its end first"
        elif view["phase"] == "Succeeded":
            why = "the notebook saved none: its last words would be save_output(value)"
        else:
            why = f"the run ended as {view['phase']} ({view.get('reason')}) before it saved any"
        raise NoOutput(f"{view['id']} has no output; {why}")
    if view.get("output") is not None:
        return view["output"]
    answer = yield from answered(Ask("GET", f"{path_of(view['id'])}/artifacts/output.json"))
    return json.loads(answer.content)


def pages(
    more: str, *, notebook: str | None, phase: str | None, since: str | None
) -> Steps[tuple[list[Json], str | None]]:
    """Return one page of a list, the first or where the one before led, and what leads on."""
    wanted = {"notebook": notebook, "phase": phase, "since": since, "continue": more}
    params = {name: value for name, value in wanted.items() if value}
    found = yield from fetched(Ask("GET", "/v1/executions", params))
    return found["items"], found.get("continue")


def notebooks() -> Steps[list[str]]:
    """Return the ids of all notebooks."""
    found = yield from fetched(Ask("GET", "/v1/notebooks", {"view": "summary"}))
    return [str(item["id"]) for item in found["items"]]


def notebook(name: str) -> Steps[Json | None]:
    """Return a notebook with its contract, None where there is none of that id."""
    try:
        return (yield from fetched(Ask("GET", f"/v1/notebooks/{quote(name)}")))
    except NotFound:
        return None
