"""Gets service account tokens for pods and replaces them in place before they expire."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from podbook_cluster.kubelet.client import ApiClient, Pod, name_of
from podbook_cluster.kubelet.files import volumes
from podbook_crds.errors import ClusterUnavailable, Refused

_log = logging.getLogger(__name__)

_DEFAULT_SECONDS: Final = 3600
# A kubelet renews when a fifth of the lifetime is left.
_RENEW_AT: Final = 0.8
_RETRY_SECONDS: Final = 5.0
# A token ends by the time of day, which a machine that sleeps or corrects its clock jumps over.
_LOOK_SECONDS: Final = 5.0

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Token:
    """A token and when it should be replaced."""

    text: str
    renew_at: datetime


def utc_now() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


async def request(
    client: ApiClient, pod: Pod, projection: Mapping[str, Any], *, now: Clock = utc_now
) -> Token:
    """Ask for a token as `serviceAccountToken` of a projected volume describes it."""
    status = await client.request_token(
        pod,
        audience=projection.get("audience"),
        seconds=projection.get("expirationSeconds", _DEFAULT_SECONDS),
    )
    lifetime = datetime.fromisoformat(status["expirationTimestamp"]) - now()
    return Token(status["token"], now() + max(timedelta(seconds=1), lifetime * _RENEW_AT))


async def keep_fresh(
    client: ApiClient,
    pod: Pod,
    projection: Mapping[str, Any],
    *,
    folder: Path,
    renew_at: datetime,
    now: Clock = utc_now,
) -> None:
    """Replace a token's file in time, for as long as this is awaited."""
    while True:
        while (left := (renew_at - now()).total_seconds()) > 0:
            await asyncio.sleep(min(left, _LOOK_SECONDS))
        try:
            token = await request(client, pod, projection, now=now)
            volumes.write(folder, [volumes.token_file(projection, token.text)])
        except (ClusterUnavailable, Refused, OSError) as error:
            _log.warning("%s: its token was not renewed: %s", name_of(pod), error)
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            renew_at = token.renew_at


def projections(volume: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the tokens that a volume holds."""
    sources = (volume.get("projected") or {}).get("sources") or ()
    return [each["serviceAccountToken"] for each in sources if "serviceAccountToken" in each]
