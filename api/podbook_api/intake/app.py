"""The intake's routes; thin: the caller's token, then one call."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from podbook_api.artifacts.progress import ProgressBoard
from podbook_api.events.journals import Gap
from podbook_api.http import bodies, problems
from podbook_api.http.reading.reader import Reader
from podbook_api.intake import events, results
from podbook_api.intake.blobs import Blobs
from podbook_api.intake.claim import Claims
from podbook_api.intake.identity import Caller, Identities, NotAPod
from podbook_api.intake.results import Results
from podbook_api.intake.uploads import Uploads
from podbook_api.intake.view import Gone
from podbook_api.intake.warm import Waiting
from podbook_crds.errors import PodbookError
from podbook_crds.formats import media_types
from podbook_crds.protocol import intake
from podbook_crds.protocol.intake import ArtifactsMissing, EventsGap, Prepared, Progress

Handler = Callable[[Request, Caller], Awaitable[Response]]

_log = logging.getLogger(__name__)

_SMALL_LIMIT = 64 * 1024
_RESULT_LIMIT = 4 * 1024 * 1024
# A batch may bring everything that a notebook shows: 48 MiB, and what JSON makes of it.


@dataclass(frozen=True)
class Intake:
    """The intake's parts."""

    identities: Identities
    claims: Claims
    waiting: Waiting
    blobs: Blobs
    uploads: Uploads
    results: Results
    progress: ProgressBoard
    tellers: events.Tellers
    reader: Reader

    async def preparation(self, _: Request, caller: Caller) -> Response:
        """Hand out what can be prepared before a call."""
        job = await self.waiting.preparation(caller)
        return Response(job.model_dump_json(by_alias=True), media_type="application/json")

    async def prepared(self, request: Request, caller: Caller) -> Response:
        """Keep that the caller's pod waits for a call."""
        body = await bodies.read(request, limit=_SMALL_LIMIT)
        await self.waiting.prepared(caller, Prepared.model_validate_json(body))
        return Response(status_code=204)

    async def called(self, request: Request, caller: Caller) -> Response:
        """Say as soon as the caller's pod was given to an execution."""
        seconds = _seconds(request.query_params.get("wait", ""))
        became = await self.waiting.became(caller, seconds=seconds)
        return Response(status_code=202 if became is None else 204)

    async def claim(self, _: Request, caller: Caller) -> Response:
        """Hand out the caller's job."""
        job = await self.claims.claim(caller)
        _log.info("%s/%s: claimed by %s", job.namespace, job.name, caller.pod_name)
        return Response(job.model_dump_json(by_alias=True), media_type="application/json")

    async def blob(self, request: Request, caller: Caller) -> Response:
        """Hand out a blob that the caller's job names."""
        digest = request.path_params["digest"]
        if caller.is_nobodys:
            data = await self.blobs.one_of(await self.waiting.blobs(caller), digest)
        else:
            data = await self.blobs.fetch(caller, digest)
        return Response(data, media_type=media_types.BYTES)

    async def artifact(self, request: Request, caller: Caller) -> Response:
        """Keep an artifact."""
        digest = request.headers.get(intake.DIGEST_HEADER, "")
        name, body = request.path_params["name"], bodies.chunks(request)
        await self.uploads.take(caller, name, digest, body)
        return Response(status_code=201)

    async def report(self, request: Request, caller: Caller) -> Response:
        """Keep how far the cells are."""
        body = await bodies.read(request, limit=_SMALL_LIMIT)
        progress = Progress.model_validate_json(body)
        await self.progress.put(caller.execution_uid, progress)
        return Response(status_code=204)

    async def events(self, request: Request, caller: Caller) -> Response:
        """Keep a batch of events."""
        body = await bodies.read(request, limit=events.BYTES)
        try:
            taken = await self.tellers.take(caller, request.query_params, body)
        except Gap as gap:
            return JSONResponse(EventsGap(expected=gap.expected).to_wire(), status_code=409)
        return JSONResponse(taken.to_wire())

    async def result(self, request: Request, caller: Caller) -> Response:
        """Take in the result."""
        body = await bodies.read(request, limit=_RESULT_LIMIT)
        result = await results.read(self.reader, body)
        if result is None:
            raise problems.Problem(422, "invalid-result", "the body is no result")
        answer = await self.results.take(caller, result)
        status = 409 if isinstance(answer, ArtifactsMissing) else 200
        return JSONResponse(answer.to_wire(), status_code=status)


def build(parts: Intake) -> Starlette:
    """Return the intake's application."""

    def route(path: str, method: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            return await _answered(request, handler, parts)

        return Route(path, endpoint, methods=[method])

    async def alive(_: Request) -> Response:
        return Response("ok", media_type="text/plain")

    return Starlette(
        routes=[
            route(intake.CLAIM_PATH, "POST", parts.claim),
            route(intake.CALLED_PATH, "GET", parts.called),
            route(intake.PREPARATION_PATH, "GET", parts.preparation),
            route(intake.PREPARED_PATH, "POST", parts.prepared),
            route(f"{intake.BLOBS_PATH}/{{digest}}", "GET", parts.blob),
            route(f"{intake.ARTIFACTS_PATH}/{{name:path}}", "PUT", parts.artifact),
            route(intake.PROGRESS_PATH, "POST", parts.report),
            route(intake.EVENTS_PATH, "POST", parts.events),
            route(intake.RESULT_PATH, "POST", parts.result),
            Route("/healthz", alive),
        ]
    )


# By whoever waits for a call; all else is said of an attempt.
_BEFORE_A_CALL: Final = {intake.CALLED_PATH, intake.PREPARATION_PATH, intake.PREPARED_PATH}


async def _caller(request: Request, parts: Intake) -> Caller:
    caller = await parts.identities.of(request.headers.get("authorization", ""))
    if not caller.is_nobodys or request.url.path in _BEFORE_A_CALL:
        return caller
    became = await parts.waiting.became(caller)
    if became is None and request.url.path.startswith(f"{intake.BLOBS_PATH}/"):
        return caller  # What is prepared may read its files.
    if became is None:
        raise Gone("NotGiven", f"pod {caller.pod_name} waits for a call and has none")
    return became


def _seconds(text: str) -> float:
    """Return how long the answer may take; a second where the text is no number of seconds."""
    return float(text) if text.isdecimal() and len(text) <= 4 else 1.0  # noqa: PLR2004


async def _answered(request: Request, handler: Handler, parts: Intake) -> Response:
    try:
        caller = await _caller(request, parts)
        return await handler(request, caller)
    except NotAPod as error:
        return _refusal(401, "Unauthorized", str(error))
    except Gone as gone:
        return _refusal(410, gone.reason, str(gone))
    except ValidationError as error:
        return _refusal(422, "Invalid", str(error))
    except PodbookError as error:
        problem = problems.problem_of(error)
        said = problem.detail or problem.title
        return _refusal(problem.status, problem.kind, said, headers=problem.headers)


def _refusal(
    status: int, reason: str, message: str, *, headers: dict[str, str] | None = None
) -> Response:
    body: dict[str, Any] = {"reason": reason, "message": message}
    return JSONResponse(body, status_code=status, headers=headers)
