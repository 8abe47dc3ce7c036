"""Pages of other origins use the API where their origin was named exactly, and never else."""

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from podbook_api.auth.browsers import check_origin
from podbook_api.auth.other_origins import OtherOrigins
from podbook_api.http import problems
from podbook_api.http.problems import Problem
from podbook_api.settings import Settings

APPS = "https://apps.example.com"
SEEN = "access-control-allow-origin"


async def _answer(request: Request) -> JSONResponse:
    try:
        check_origin(request.scope, request.headers)
    except Problem as problem:
        return JSONResponse(problems.document(problem), problem.status)
    return JSONResponse({"cookie": request.headers.get("cookie")}, headers={"Location": "/x"})


def _site(*origins: str) -> TestClient:
    route = Route("/v1/notebooks", _answer, methods=["GET", "POST", "OPTIONS"])
    return TestClient(OtherOrigins(Starlette(routes=[route]), origins))


def test_a_named_origin_asks_beforehand_and_reads_what_it_needs() -> None:
    site = _site(APPS)
    asked = {"Origin": APPS, "Access-Control-Request-Method": "POST"}

    before = site.options("/v1/notebooks", headers=asked)
    answer = site.post("/v1/notebooks", headers={"Origin": APPS, "Cookie": "session=1"})

    assert (before.status_code, before.headers[SEEN]) == (204, APPS)
    for name in ("Authorization", "Idempotency-Key", "Content-Type"):
        assert name in before.headers["access-control-allow-headers"]
    assert (answer.status_code, answer.headers[SEEN]) == (200, APPS)
    for name in ("Location", "Retry-After", "Podbook-Cache"):
        assert name in answer.headers["access-control-expose-headers"]
    assert answer.json() == {"cookie": None}
    assert "Origin" in answer.headers["vary"]
    for each in (before, answer):
        assert "access-control-allow-credentials" not in each.headers


@pytest.mark.parametrize(
    ("named", "origin"),
    [
        pytest.param((), APPS, id="none is named"),
        pytest.param((APPS,), "https://apps.example.com.evil.test", id="a longer one"),
        pytest.param((APPS,), "http://apps.example.com", id="another scheme"),
        pytest.param((APPS,), "https://apps.example.com:8443", id="another port"),
        pytest.param((APPS,), "null", id="none"),
    ],
)
def test_no_other_origin_is_let_in(named: tuple[str, ...], origin: str) -> None:
    site = _site(*named)
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    for answer in (
        site.options("/v1/notebooks", headers=asked),
        site.post("/v1/notebooks", headers={"Origin": origin}),
    ):
        assert (answer.status_code, SEEN in answer.headers) == (403, False)


@pytest.mark.parametrize("origin", ["*", "apps.example.com", f"{APPS}/", f"{APPS}/x", "null"])
def test_what_is_no_origin_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(ValidationError, match="is no origin"):
        Settings(allowed_origins=[origin])
