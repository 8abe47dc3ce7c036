"""Serves WorkerService beside REST, with gRPC's own health and reflection services."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from starlette.datastructures import Headers

from podbook_api.auth.authentication import Callers
from podbook_api.auth.rbac import User
from podbook_api.auth.rights import RUN_RIGHT
from podbook_api.http.problems import problem_of
from podbook_api.settings import AuthMode, Settings
from podbook_api.surfaces.grpc import messages, worker
from podbook_api.wiring import Services
from podbook_crds.errors import PodbookError

MESSAGE_LIMIT: Final = 100 * 1024 * 1024
_GRACE_SECONDS: Final = 1.0

Handler = Callable[[bytes, Any], Awaitable[Any]]
# How a call ended, by the answer's own code or gRPC's, and how many seconds it took.
ObserveCall = Callable[[str, float], None]

_ONE_TOKEN: Final = "send authorization once, with one token"
_NO_MESSAGE: Final = "the bytes are no NotebookExecutionRequest; see jupyrest.proto"

# What is not about the notebook is told by gRPC's own status, which clients know how to retry.
_CODES: Final = {
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    503: grpc.StatusCode.UNAVAILABLE,
    507: grpc.StatusCode.RESOURCE_EXHAUSTED,
}


@asynccontextmanager
async def serving(services: Services, observe: ObserveCall) -> AsyncIterator[int]:
    """Serve for the length of an `async with` block; yields the port.

    observe is told of every call, those that are refused included. Calls still open at the end
    are cancelled after a second, and their executions with them.
    """
    settings = services.settings
    check_reach(settings)
    healths = health.aio.HealthServicer()
    server = _server(_execute_notebook(services, observe), healths)
    port = _listening(server, settings)
    await server.start()
    ready = asyncio.create_task(_tell_when_ready(services, healths))
    try:
        yield port
    finally:
        ready.cancel()
        await healths.enter_graceful_shutdown()
        await server.stop(_GRACE_SECONDS)


def _server(handler: Handler, healths: Any) -> Any:
    server = grpc.aio.server(
        options=[
            ("grpc.max_send_message_length", MESSAGE_LIMIT),
            ("grpc.max_receive_message_length", MESSAGE_LIMIT),
            # A second server on the same port is a mistake, not a replica.
            ("grpc.so_reuseport", 0),
        ]
    )
    method = grpc.unary_unary_rpc_method_handler(
        handler,
        # As bytes: gRPC's own answer to some that are no message is the one to a fault of ours.
        request_deserializer=bytes,
        response_serializer=messages.Response.SerializeToString,
    )
    methods = {messages.METHOD: method}
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(messages.SERVICE, methods),)
    )
    health_pb2_grpc.add_HealthServicer_to_server(healths, server)
    known = (messages.SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(known, server)
    return server


class _NoAnswer(Exception):
    """The call ends with a status of gRPC's own."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code


def _execute_notebook(services: Services, observe: ObserveCall) -> Handler:
    async def execute_notebook(message: bytes, context: Any) -> Any:
        try:
            with _observed(observe) as ending:
                shown = context.invocation_metadata() or ()
                response = await _response(services, message, shown)
                ending.code = messages.StatusCode(response.status.code).name
                return response
        except _NoAnswer as end:
            await context.abort(end.code, str(end))

    return execute_notebook


async def _response(
    services: Services,
    message: bytes,
    metadata: Iterable[tuple[str, str | bytes]],
) -> Any:
    """Return the answer to a message; raise _NoAnswer."""
    try:
        request = messages.Request.FromString(message)
    except DecodeError as error:
        raise _NoAnswer(grpc.StatusCode.INVALID_ARGUMENT, _NO_MESSAGE) from error
    try:
        caller = await _caller(services.callers, metadata)
        await services.callers.admit(caller, RUN_RIGHT.access())
        return await worker.execute(services, request, caller)
    except PodbookError as error:
        problem = None if isinstance(error, worker.BadCall) else problem_of(error)
        if problem is not None and problem.status in _CODES:
            raise _NoAnswer(_CODES[problem.status], str(problem)) from error
        return worker.refusal(error)


async def _caller(callers: Callers, metadata: Iterable[tuple[str, str | bytes]]) -> User:
    """Return who calls, by the metadata, where `authorization` may stand as in HTTP."""
    shown = [value for key, value in metadata if key == "authorization"]
    if len(shown) > 1:
        raise _NoAnswer(grpc.StatusCode.INVALID_ARGUMENT, _ONE_TOKEN)
    text = "".join(value if isinstance(value, str) else value.decode("latin-1") for value in shown)
    return await callers.who(Headers({"authorization": text}))


@dataclass
class _Ending:
    code: str = grpc.StatusCode.UNKNOWN.name


@contextmanager
def _observed(observe: ObserveCall) -> Iterator[_Ending]:
    """Tell how a call ended: by what is noted in the ending, or by what is raised."""
    ending, start = _Ending(), monotonic()
    try:
        yield ending
    except _NoAnswer as end:
        ending.code = end.code.name
        raise
    except asyncio.CancelledError:
        ending.code = grpc.StatusCode.CANCELLED.name
        raise
    finally:
        observe(ending.code, monotonic() - start)


async def _tell_when_ready(services: Services, healths: Any) -> None:
    for name in ("", messages.SERVICE):
        await healths.set(name, health_pb2.HealthCheckResponse.NOT_SERVING)
    await services.ready()
    for name in ("", messages.SERVICE):
        await healths.set(name, health_pb2.HealthCheckResponse.SERVING)


def _listening(server: Any, settings: Settings) -> int:
    """Return the port, with TLS where the users' port has it."""
    where = f"{settings.grpc_host}:{settings.grpc_port}"
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None or key is None:
        return int(server.add_insecure_port(where))

    def read() -> Any:
        # Asked at each connection: a renewed certificate is shown from then on.
        pair = (key.read_bytes(), certificate.read_bytes())
        return grpc.ssl_server_certificate_configuration([pair])

    credentials = grpc.dynamic_ssl_server_credentials(read(), read, False)
    return int(server.add_secure_port(where, credentials))


def check_reach(settings: Settings) -> None:
    """Raise ValueError where anyone on the network could run notebooks."""
    host = settings.grpc_host
    try:
        is_here = host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        is_here = False
    if settings.auth is AuthMode.LOOPBACK and not is_here:
        raise ValueError(f"PODBOOK_GRPC_HOST={host} is reachable by others: set PODBOOK_AUTH=token")
