"""What a route of /v1 is handed: the services, how long to wait, and what the caller asks for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request
from pydantic import BaseModel, BeforeValidator

from podbook_api.auth.caller import caller_of
from podbook_api.http import bodies, waiting
from podbook_api.http.paths import base_url
from podbook_api.state.wanted import Wanted, submitted
from podbook_api.submit import calls, inline
from podbook_api.submit.again import freshness
from podbook_api.submit.pushing import refusals
from podbook_api.v1.parameters import CacheControl, IdempotencyKey, IfMatch, Wait
from podbook_api.v1.requests import (
    InlineRequest,
    PushRequest,
    RerunRequest,
    RunRequest,
    TicketRequest,
    options_of,
)
from podbook_api.wiring import Services, services_of
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.ends.reasons import Fault, Reason
from podbook_crds.resources.pushed import ManagedBy

M = TypeVar("M", bound=BaseModel)

Api = Annotated[Services, Depends(services_of)]


async def _seconds(request: Request, wait: Wait = None) -> float:
    return waiting.seconds(request, wait)


def _body(model: type[M]) -> Callable[..., Awaitable[M]]:
    async def read(request: Request, api: Api) -> M:
        return bodies.fitted(model, await api.body_of(request))

    return read


# What ?wait= or `Prefer: wait=` asks for.
Seconds = Annotated[float, Depends(_seconds)]
Run = Annotated[RunRequest, Depends(_body(RunRequest))]
Rerun = Annotated[RerunRequest, Depends(_body(RerunRequest))]
Push = Annotated[PushRequest, Depends(_body(PushRequest))]
TicketFor = Annotated[TicketRequest, Depends(_body(TicketRequest))]


async def takes_pushes(request: Request, api: Api) -> None:
    """Raise Problem 409 where this server's catalog is not written over REST."""
    loader = api.settings.catalog_git_account
    if not api.settings.catalog_push and (not loader or caller_of(request).name != loader):
        raise refusals.switched_off()


def manager(asked: str, request: Request, api: Services) -> ManagedBy:
    """Return who will keep the notebook; raise Problem 403 where only a loader may say so."""
    loader = api.settings.catalog_git_account
    if asked == ManagedBy.GIT and loader and caller_of(request).name != loader:
        raise refusals.not_the_loader(loader)
    return ManagedBy(asked)


@dataclass(frozen=True, slots=True)
class InlineCall:
    """A notebook that is in no catalog, and what it is to be run with."""

    notebook: inline.InlineNotebook
    submission: calls.Request
    kernel: str | None


async def _notebook_call(
    request: Request,
    asked: Run,
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
    _: CacheControl = None,
) -> calls.Request:
    submission = _submission(request, asked, key)
    taken = freshness.of(request, max_age=asked.max_age_seconds)
    return replace(submission, digest=asked.digest or digest_in(if_match), **taken)


async def _inline_call(
    request: Request, api: Api, key: IdempotencyKey = None, _: CacheControl = None
) -> InlineCall:
    body = await api.whole_body_of(request)
    asked = bodies.fitted(InlineRequest, body.value)
    notebook = inline.read(asked.ipynb, body.came_along)
    submission = _submission(request, asked, key)
    submission = replace(submission, language=notebook.language, **freshness.of(request))
    return InlineCall(notebook, submission, asked.runtime.kernel if asked.runtime else None)


NotebookRun = Annotated[calls.Request, Depends(_notebook_call)]
InlineRun = Annotated[InlineCall, Depends(_inline_call)]


def _submission(
    request: Request, asked: RunRequest | InlineRequest, key: str | None
) -> calls.Request:
    return calls.Request(
        surface=Surface.V1,
        caller=caller_of(request),
        parameters=asked.parameters,
        options=options_of(asked),
        idempotency_key=key,
        webhook=asked.webhook,
        base_url=base_url(request.scope),
    )


def digest_in(if_match: str | None) -> str | None:
    """Return the digest that If-Match wants; `*` is any. What is no digest is none of ours: 412."""
    if if_match is None or if_match.strip() == "*":
        return None
    return if_match.strip().strip('"')


# By what a list of executions is narrowed down.
Prefix = Annotated[
    str | None, Query(alias="id", min_length=1, max_length=253, description="How ids begin.")
]
Folder = Annotated[
    str | None, Query(max_length=512, description="Of notebooks in this folder, or below it.")
]
By = Annotated[str | None, Query(alias="createdBy", max_length=512, description="Who asked.")]
Through = Annotated[str | None, Query(max_length=64, description="By which surface it came.")]


def _written_out(value: str) -> str:
    """Refuse a number, of which nobody can tell whether seconds or milliseconds were meant."""
    try:
        float(value)
    except ValueError:
        return value
    raise ValueError("has to be a date and time such as 2026-11-28T12:00:00Z")


Moment = Annotated[
    Annotated[datetime, BeforeValidator(_written_out)] | None,
    Query(description="When it was submitted."),
]


async def _wanted(
    *,
    prefix: Prefix = None,
    folder: Folder = None,
    reason: Reason | None = None,
    fault: Fault | None = None,
    created_by: By = None,
    surface: Through = None,
    since: Moment = None,
    until: Moment = None,
) -> Wanted:
    return Wanted(
        prefix=prefix,
        folder=None if folder is None else folder.strip("/"),
        reason=reason,
        fault=fault,
        created_by=created_by,
        surface=surface,
        since=submitted(since),
        until=submitted(until),
    )


WantedLines = Annotated[Wanted, Depends(_wanted)]
