"""Refuses what a route does not know and what would change whether code runs, or which.

A switch that is passed over runs a notebook that its caller only meant to look at.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from podbook_api.http.paths import path_of
from podbook_api.http.problems import Problem

# Spelled in small letters alone: dryRun, dry_run and Dry-Run are one wish.
_ONLY_LOOK: Final = frozenset(
    {
        *("dryrun", "xdryrun", "dry", "preview", "previewonly", "simulate", "simulation", "noop"),
        *("validateonly", "validate", "validationonly", "checkonly", "whatif", "testonly"),
        *("parameterizeonly", "prepareonly", "norun", "noexecute"),
    }
)
_NO: Final = frozenset({"", "0", "false", "no", "off", "none", "null"})
# The method that is meant; every route here means the one that stands in the request.
_OTHER_METHOD: Final = frozenset({"xhttpmethodoverride", "xhttpmethod", "xmethodoverride"})
_PRECONDITIONS: Final = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_STRICT: Final = "/v1/"
# Below it the names in the query are those of a notebook's parameters, and its contract decides.
_BY_CONTRACT: Final = "/v1/reports/"


def check(request: Request) -> None:
    """Raise Problem 400 for what the request's route does not know and must not pass over.

    On /v1 every name in the query has to be known. The older surfaces ignore what they always
    ignored, save for switches.
    """
    names, headers = _known(request.scope["route"])
    asked = request.query_params.multi_items()
    path = path_of(request.scope)
    if path.startswith(_STRICT) and not path.startswith(_BY_CONTRACT):
        _check_names([name for name, _ in asked], names)
    if request.method in _SAFE:
        return
    for name, value in asked:
        if name not in names:
            _check_switch(f"the query parameter {name!r}", name, value)
    for name, value in request.headers.items():
        if name not in headers:
            _check_header(name, value)


def check_body(value: Any, model: type[BaseModel]) -> None:
    """Raise Problem 400 for a switch among those fields of a body that the model passes over."""
    for name, given in value.items() if isinstance(value, Mapping) else ():
        if name not in model.model_fields:
            _check_switch(f"the field {name!r}", name, str(given))


def _known(route: APIRoute) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of the route's query parameters and, in small letters, of its headers."""
    parts = list(_with_dependencies(route.dependant))
    names = frozenset(field.alias for part in parts for field in part.query_params)
    return names, frozenset(f.alias.lower() for part in parts for f in part.header_params)


def _with_dependencies(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _with_dependencies(inner)


def _check_names(asked: list[str], known: frozenset[str]) -> None:
    for name in asked:
        if name not in known:
            takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
            raise _unknown(f"this path has no query parameter {name[:100]!r}; {takes}")
        if asked.count(name) > 1:
            raise _unknown(f"the query parameter {name!r} stands there more than once")


def _check_switch(what: str, name: str, value: str) -> None:
    letters = "".join(letter for letter in name.lower() if letter.isalnum())
    if letters in _ONLY_LOOK and value.strip().lower() not in _NO:
        raise _unknown(
            f"{what} asks for no run, which this path cannot do;"
            " POST /v1/notebooks/{id}/executions?dryRun=true can"
        )


def _check_header(name: str, value: str) -> None:
    letters = name.replace("-", "")
    if letters in _OTHER_METHOD:
        raise _unknown(f"the header {name} means another method; send the request by that one")
    if name in _PRECONDITIONS:
        raise _unknown(f"the header {name} is a condition, and this path knows none of its kind")
    _check_switch(f"the header {name}", name, value)


def _unknown(detail: str) -> Problem:
    return Problem(
        400, "unknown-switch", "The request asks for what this path does not know", detail
    )
