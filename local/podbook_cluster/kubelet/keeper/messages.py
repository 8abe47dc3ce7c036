"""The lines that go between kubelet and keeper, each one JSON object."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from podbook_cluster.kubelet.container.records import Ended, Started


@dataclass(frozen=True, slots=True)
class Start:
    """Kubelet to keeper: start this container, unless it was started before."""

    # "<pod uid>/<container name>"
    id: str
    name: str
    # Where its records are kept.
    folder: str
    argv: list[str]
    env: dict[str, str]
    cwd: str
    log: str
    log_limit: int
    # Bytes; None where limits are switched off or the container has none.
    memory_limit: int | None = None
    # Of the files that it makes; -1 is the keeper's own.
    umask: int = -1


@dataclass(frozen=True, slots=True)
class Report:
    """Keeper to kubelet: a container has started, or has ended (perhaps before it began).

    Neither: it was started earlier, by another keeper.
    """

    id: str
    started: Started | None = None
    ended: Ended | None = None


def encode(message: Start | Report) -> bytes:
    """Return the line for a message."""
    return json.dumps(asdict(message)).encode() + b"\n"


def decode_start(line: bytes) -> Start:
    """Return the request in a line."""
    return Start(**json.loads(line))


def decode_report(line: bytes) -> Report:
    """Return the report in a line."""
    fields: Mapping[str, Any] = json.loads(line)
    return Report(
        id=fields["id"],
        started=Started(**fields["started"]) if fields["started"] else None,
        ended=Ended(**fields["ended"]) if fields["ended"] else None,
    )
