"""Gets service account tokens for pods and replaces them in place before they expire."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from podbook_local.kubelet import volumes
from podbook_local.kubelet.client import ApiClient, ApiRefused, ApiUnavailable, Pod, name_of

_log = logging.getLogger(__name__)

_DEFAULT_SECONDS: Final = 3600
# A kubelet renews when a fifth of the lifetime is left.
_RENEW_AT: Final = 0.8
_RETRY_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Token:
    """A token and the seconds after which it should be replaced."""

    text: str
    renew_after_seconds: float


async def request(client: ApiClient, pod: Pod, projection: Mapping[str, Any]) -> Token:
    """Ask for a token as `serviceAccountToken` of a projected volume describes it."""
    status = await client.request_token(
        pod,
        audience=projection.get("audience"),
        seconds=projection.get("expirationSeconds", _DEFAULT_SECONDS),
    )
    expires = datetime.fromisoformat(status["expirationTimestamp"])
    lifetime = (expires - datetime.now(UTC)).total_seconds()
    return Token(status["token"], max(1.0, lifetime * _RENEW_AT))


async def keep_fresh(
    client: ApiClient,
    pod: Pod,
    projection: Mapping[str, Any],
    *,
    folder: Path,
    wait_seconds: float,
) -> None:
    """Replace a token's file in time, for as long as this is awaited."""
    while True:
        await asyncio.sleep(wait_seconds)
        try:
            token = await request(client, pod, projection)
        except (ApiUnavailable, ApiRefused) as error:
            _log.warning("%s: its token was not renewed: %s", name_of(pod), error)
            wait_seconds = _RETRY_SECONDS
            continue
        volumes.write(folder, [volumes.token_file(projection, token.text)])
        wait_seconds = token.renew_after_seconds


def projections(volume: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the tokens that a volume holds."""
    sources = (volume.get("projected") or {}).get("sources") or ()
    return [each["serviceAccountToken"] for each in sources if "serviceAccountToken" in each]
