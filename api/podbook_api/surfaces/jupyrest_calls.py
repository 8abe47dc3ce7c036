"""A call of jupyrest, as both of its HTTP surfaces take it."""

from typing import Any, Final, TypeVar

from fastapi import Request
from pydantic import BaseModel

from podbook_api.auth.caller import caller_of
from podbook_api.http import bodies, switches
from podbook_api.http.paths import base_url
from podbook_api.submit import calls
from podbook_api.submit.again import freshness
from podbook_api.wiring import Services
from podbook_crds.call_rules.surfaces import Surface

M = TypeVar("M", bound=BaseModel)

# jupyrest showed an output that did not fit: its callers were promised no other end.
OPTIONS: Final[dict[str, Any]] = {"outputValidation": "report"}


async def asked(request: Request, api: Services, model: type[M]) -> M:
    """Return the body of the POST; raise Problem 422 where it does not fit the model."""
    value = await api.body_of(request)
    switches.check_body(value, model)
    return bodies.fitted(model, value)


def submission(
    request: Request, surface: Surface, parameters: dict[str, Any], key: str | None
) -> calls.Request:
    """Return what is to be run with these parameters."""
    return calls.Request(
        surface=surface,
        caller=caller_of(request),
        base_url=base_url(request.scope),
        parameters=parameters,
        idempotency_key=key,
        **freshness.of(request),
        options=dict(OPTIONS),
    )
