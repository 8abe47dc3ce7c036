"""One HTTP request, read: its path, its options, its body."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from podbook_cluster.apiserver.access.users import User
from podbook_cluster.apiserver.schema.control_schemas import DELETE_OPTIONS
from podbook_cluster.apiserver.serve import protobuf
from podbook_cluster.apiserver.terms import go_json
from podbook_cluster.apiserver.terms.calls import Call, DeleteOptions, Propagation, Strictness
from podbook_cluster.apiserver.terms.errors import (
    bad_request,
    invalid_option,
    too_large,
    unsupported_media_type,
)
from podbook_cluster.apiserver.terms.locations import Location
from podbook_cluster.apiserver.write import patches
from podbook_cluster.apiserver.write.metadata import check_types

# As a real API server; aiohttp stops reading there.
BODY_LIMIT_BYTES: Final = 3 * 2**20

_TRUE: Final = ("true", "1")
# What fits an int64, as Go reads it.
_NUMBER: Final = re.compile(r"[-+]?[0-9]{1,18}")
_PROPAGATIONS: Final[dict[str, Propagation]] = {
    "Background": "Background",
    "Foreground": "Foreground",
    "Orphan": "Orphan",
}
_STRICTNESS: Final[dict[str, Strictness]] = {
    "": "Warn",
    "Ignore": "Ignore",
    "Warn": "Warn",
    "Strict": "Strict",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks, and who it is."""

    http: web.BaseRequest
    method: str
    path: str
    query: Mapping[str, str]
    user: User
    # How many writes ago a read is answered from; a fault that tests ask for.
    behind: int = 0

    @property
    def segments(self) -> list[str]:
        """The parts of the path, unquoted."""
        return [unquote(part) for part in self.path.strip("/").split("/")]

    @property
    def accept(self) -> str:
        """The Accept header."""
        return self.http.headers.get("Accept", "")

    @property
    def is_watch(self) -> bool:
        """Whether the answer never ends."""
        return self.flag("watch")

    def flag(self, name: str) -> bool:
        """Return a boolean option."""
        return self.query.get(name, "") in _TRUE

    def integer(self, name: str) -> int:
        """Return a number among the options, 0 where it is absent or below."""
        return max(0, self.number(name) or 0)

    def number(self, name: str) -> int | None:
        """Return a number among the options as it is, None where it is absent."""
        text = self.query.get(name)
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise bad_request(f"{name}: {text!r} is not a number")
        return int(text)

    def call(self, location: Location) -> Call:
        """Return the request as the rules see it."""
        strictness = _STRICTNESS.get(self.query.get("fieldValidation", ""))
        if strictness is None:
            raise invalid_option(
                "CreateOptions",
                "fieldValidation",
                'Unsupported value: supported values: "", "Ignore", "Strict", "Warn"',
            )
        return Call(
            self.user,
            location.resource,
            location.namespace,
            location.name,
            location.subresource,
            dry_run=_is_dry_run([self.query["dryRun"]] if "dryRun" in self.query else []),
            strictness=strictness,
        )

    @property
    def media_type(self) -> str:
        """The content type of the body, without its parameters."""
        return self.http.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    async def body(self) -> Any:
        """Return the decoded body; ApiError (400, 413, 415) where that can't be."""
        data = await self._read()
        media_type = self.media_type
        if media_type == protobuf.MEDIA_TYPE:
            return protobuf.decode(data)
        if media_type in ("application/yaml", patches.APPLY_PATCH):
            return _from_yaml(data)
        if media_type in ("", "application/json") or media_type.endswith("patch+json"):
            return _from_json(data)
        raise unsupported_media_type(
            f"the body of the request was in an unknown format ({media_type}) - accepted media"
            " types include: application/json, application/yaml"
        )

    async def delete_options(self) -> DeleteOptions:
        """Return how to delete, from the body or the query."""
        given = await self.body() if self.http.can_read_body else {}
        check_types("DeleteOptions", DELETE_OPTIONS, given)
        asked = {**self.query, **given}
        preconditions = given.get("preconditions") or {}
        propagation = _PROPAGATIONS.get(str(asked.get("propagationPolicy") or "Background"))
        if propagation is None:
            raise invalid_option(
                "DeleteOptions",
                "propagationPolicy",
                'Unsupported value: supported values: "Foreground", "Background", "Orphan", "nil"',
            )
        return DeleteOptions(
            str(preconditions.get("uid") or ""),
            str(preconditions.get("resourceVersion") or ""),
            _seconds(asked.get("gracePeriodSeconds")),
            "Orphan" if asked.get("orphanDependents") in (True, "true") else propagation,
            _is_dry_run(given.get("dryRun") or []),
        )

    async def _read(self) -> bytes:
        try:
            return await self.http.read()
        except web.HTTPRequestEntityTooLarge as error:
            raise too_large(BODY_LIMIT_BYTES) from error


def read(http: web.BaseRequest, user: User, target: str) -> Request:
    """Return the request of a user for a path and query."""
    path, _, query = target.partition("?")
    return Request(http, http.method, path, dict(parse_qsl(query, keep_blank_values=True)), user)


def _is_dry_run(values: list[Any]) -> bool:
    if any(value not in ("All", "") for value in values):
        raise invalid_option(
            "CreateOptions", "dryRun", f'Unsupported value: {values}: supported values: "All"'
        )
    return "All" in values


def _seconds(value: Any) -> int | None:
    if value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise bad_request(f"gracePeriodSeconds: {value!r} is not a number") from error


def _from_json(data: bytes) -> Any:
    try:
        return go_json.decode(data)
    except ValueError as error:
        raise bad_request(f"the body is not JSON: {error}") from error


def _from_yaml(data: bytes) -> Any:
    if data.lstrip()[:1] in (b"{", b"["):
        return _from_json(data)
    import yaml  # what clients send is JSON, nearly always

    try:
        return go_json.normalise(yaml.load(data, _loader()))
    except (yaml.YAMLError, ValueError) as error:
        raise bad_request(f"the body is not YAML: {error}") from error


def _loader() -> Any:
    from podbook_cluster.apiserver.write.manifests import Loader

    return Loader
