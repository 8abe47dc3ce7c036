"""The API server's audit log: who asked for what in the namespace of the runs."""

import json
from typing import Any

from tests.cluster import place
from tests.cluster.installed import RUNS

Line = dict[str, Any]

_WRITES = {"create", "update", "patch", "delete"}
_READS = {"get", "list"}


def lines() -> list[Line]:
    """Return all lines so far, the oldest first."""
    return [json.loads(line) for line in place.AUDIT_LOG.read_text().splitlines()]


def is_write(line: Line) -> bool:
    """Whether it writes an object in the runs' namespace; what nobody stores is no write."""
    stored = line.get("responseStatus", {}).get("code", 500) < 300
    return bool(line["verb"] in _WRITES and _is_of_runs(line) and stored and not is_token(line))


def is_event(line: Line) -> bool:
    """Whether the write is one of an event."""
    return bool(line["objectRef"]["resource"] == "events")


def is_read(line: Line) -> bool:
    """Whether it reads objects in the runs' namespace."""
    return bool(line["verb"] in _READS and _is_of_runs(line))


def is_token(line: Line) -> bool:
    """Whether it asks for a token or about one: work for the API server that leaves nothing."""
    about = line.get("objectRef", {})
    is_made = _is_of_runs(line) and about.get("subresource") == "token"
    return bool(is_made or about.get("resource") == "tokenreviews")


def party(line: Line) -> str:
    """Return who asked: the account's own name."""
    return str(line["user"].get("username", "")).rpartition(":")[2]


def deed(line: Line) -> str:
    """Return who asked for what, in words for a reader."""
    about = line["objectRef"]
    what = "/".join(filter(None, (about["resource"], about.get("subresource"))))
    return f"{party(line)} {line['verb']} {what}"


def _is_of_runs(line: Line) -> bool:
    return bool(line.get("objectRef", {}).get("namespace") == RUNS)
