"""Tells in the cluster how a followed catalog stands: in a ConfigMap, and by events of it."""

import asyncio
import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from podbook_catalog.pushing.following.one_pass import Brought
from podbook_catalog.pushing.plan import Change
from podbook_crds.errors import PodbookError
from podbook_crds.protocol.followed_catalog import STATUS_KEY, FollowedCatalog, parse
from podbook_crds.resources.model import micro_time
from podbook_kube.client import MERGE_PATCH, Client
from podbook_kube.connection import connect
from podbook_kube.objects import Object, Resource

_log = logging.getLogger(__name__)

_CONFIG_MAPS: Final = Resource("/api/v1", "configmaps")
_EVENTS: Final = Resource("/api/v1", "events")
# Where nothing else changed, only the time of the last look does: told now and then.
_REPEATED: Final = timedelta(minutes=5)
_SENTENCE: Final = 1000


@dataclass
class Teller:
    """Writes to one ConfigMap; the chart has made it, so that no right to make others is needed."""

    namespace: str
    name: str
    kubeconfig: Path | None = None
    _told: FollowedCatalog | None = None

    def recall(self) -> FollowedCatalog | None:
        """Return what an earlier process told last; None where nothing is known of it."""
        try:
            found = asyncio.run(self._ask("GET", _CONFIG_MAPS.path(self.namespace, self.name)))
        except PodbookError as error:
            _log.warning("how the catalog stood is not known: %s", error)
            return None
        self._told = parse((found.get("data") or {}).get(STATUS_KEY, ""))
        return self._told

    def tell(self, stands: FollowedCatalog, brought: Brought) -> None:
        """Write what differs from what was told; a cluster that does not answer is told later."""
        before = self._told
        if _is_known(before, stands) and not _changed(brought):
            return
        try:
            asyncio.run(self._write(stands, event(before, stands, brought)))
        except PodbookError as error:
            _log.warning("how the catalog stands could not be told: %s", error)
        else:
            self._told = stands

    async def _write(self, stands: FollowedCatalog, said: tuple[str, str, str] | None) -> None:
        found = await self._ask(
            "PATCH",
            _CONFIG_MAPS.path(self.namespace, self.name),
            body={"data": {STATUS_KEY: stands.model_dump_json(by_alias=True)}},
            content_type=MERGE_PATCH,
        )
        if said is not None:
            body = self._event(found, stands.checked_at, *said)
            await self._ask("POST", _EVENTS.path(self.namespace), body=body)

    async def _ask(self, method: str, path: str, **request: Any) -> Object:
        # A connection each time: it is asked once in minutes, and by another loop each time.
        client = Client(partial(connect, self.kubeconfig), agent="podbook-catalog", connections=2)
        try:
            return await client.ask(method, path, **request)
        finally:
            await client.close()

    def _event(self, about: Object, at: datetime, kind: str, reason: str, message: str) -> Object:
        second = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{self.name}.{uuid.uuid4().hex[:12]}"},
            "involvedObject": {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "namespace": self.namespace,
                "name": self.name,
                "uid": about["metadata"]["uid"],
            },
            "type": kind,
            "reason": reason,
            "message": message[:_SENTENCE],
            "source": {"component": "podbook-catalog"},
            "reportingComponent": "podbook-catalog",
            "reportingInstance": self.name,
            "action": reason,
            "eventTime": micro_time(at),
            "firstTimestamp": second,
            "lastTimestamp": second,
            "count": 1,
        }


def event(
    before: FollowedCatalog | None, stands: FollowedCatalog, brought: Brought
) -> tuple[str, str, str] | None:
    """Return type, reason and message of what happened; None where nothing did."""
    commit = (stands.revision or "nothing")[:12]
    if stands.faults and (before is None or stands.faults != before.faults):
        told = "; ".join(
            f"{f.notebook}: {f.message}" if f.notebook else f.message for f in stands.faults
        )
        return "Warning", "NotAsInGit", f"{commit}: {told}"
    if changed := _changed(brought):
        if before is not None and before.revision == stands.revision and not before.faults:
            return "Normal", "PutBack", f"{commit}: {changed}: somebody else had changed them"
        return "Normal", "Followed", f"{commit}: {changed}"
    if before is not None and before.faults and not stands.faults:
        return "Normal", "Followed", f"{commit}: everything is as in Git"
    return None


def _is_known(before: FollowedCatalog | None, stands: FollowedCatalog) -> bool:
    if before is None or not stands.is_like(before):
        return False
    return stands.checked_at - before.checked_at < _REPEATED


def _changed(brought: Brought) -> str:
    counted = {c.value: n for c, n in brought.changes.items() if c is not Change.UNCHANGED}
    return ", ".join(f"{number} {change}" for change, number in counted.items())
