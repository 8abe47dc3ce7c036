"""Who of several operators works: the one that holds the Lease.

Two leaders would be wasteful, not wrong: names and resourceVersions keep them from doing anything
twice. So the only promises are that there soon is one, and that one which lost the Lease stops.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from kubernetes.aio.client import (
    ApiClient,
    ApiException,
    Configuration,
    V1Lease,
    V1ObjectMeta,
)
from kubernetes.aio.config import load_incluster_config, load_kube_config
from kubernetes.aio.leaderelection.electionconfig import Config
from kubernetes.aio.leaderelection.leaderelection import LeaderElection
from kubernetes.aio.leaderelection.leaderelectionrecord import LeaderElectionRecord
from kubernetes.aio.leaderelection.resourcelock.leaselock import LeaseLock

log = logging.getLogger(__name__)

DURATION_SECONDS: Final = 15
_RENEW_DEADLINE_SECONDS: Final = 10
_RETRY_SECONDS: Final = 2
# A request that hangs must not use up the time in which another could renew.
_REQUEST_SECONDS: Final = 4.0


async def client(kubeconfig: Path | None) -> ApiClient:
    """Return the official client, which the election needs."""
    configuration = Configuration()
    if kubeconfig is None:
        load_incluster_config(configuration)
    else:
        await load_kube_config(str(kubeconfig), client_configuration=configuration)
    return ApiClient(configuration)


class Leadership:
    """Holds the Lease; ends the process as soon as it cannot be sure to hold it any more."""

    def __init__(
        self,
        api: ApiClient,
        *,
        name: str,
        namespace: str,
        identity: str,
        die: Callable[[], None] = lambda: os._exit(1),
    ) -> None:
        self._lock = _BoundedLock(name, namespace, identity, api)
        self._die = die
        self._won = asyncio.Event()
        self._election: asyncio.Task[None] | None = None

    async def win(self) -> None:
        """Wait until the Lease is ours; it is renewed from then on."""
        election = LeaderElection(
            Config(
                self._lock,
                lease_duration=DURATION_SECONDS,
                renew_deadline=_RENEW_DEADLINE_SECONDS,
                retry_period=_RETRY_SECONDS,
                onstarted_leading=self._started,
                onstopped_leading=self._stopped,
            )
        )
        self._election = asyncio.create_task(election.run())
        await self._won.wait()
        threading.Thread(target=self._watch, name="lease", daemon=True).start()

    def check(self) -> None:
        """End the process where the Lease may be another's: before every write.

        After a SIGSTOP the clock has gone on and we have not.
        """
        if monotonic() - self._lock.renewed_at > DURATION_SECONDS:
            log.critical("the Lease was not renewed in time")
            self._die()

    async def give_up(self) -> None:
        """Clear the holder, so that the next need not wait for the Lease to expire."""
        if self._election is not None:
            self._election.cancel()
        try:
            await asyncio.wait_for(self._lock.clear(), _REQUEST_SECONDS)
        except Exception as error:
            log.warning("the Lease could not be given up: %r", error)

    async def _started(self) -> None:
        self._won.set()

    async def _stopped(self) -> None:
        log.critical("the Lease is lost")
        self._die()

    def _watch(self) -> None:
        """A thread sees what a loop that hangs does not."""
        while True:
            sleep(1)
            self.check()


class _BoundedLock(LeaseLock):
    """A Lease whose requests are bounded in time, and that knows when it was last renewed."""

    def __init__(self, name: str, namespace: str, identity: str, api: ApiClient) -> None:
        super().__init__(name, namespace, identity, api)
        self.renewed_at = monotonic()

    async def get(self, name: str, namespace: str) -> Any:
        return await self._bounded(super().get(name, namespace), otherwise=(False, _NoAnswer()))

    async def create(
        self, name: str, namespace: str, election_record: LeaderElectionRecord
    ) -> bool:
        return await self._renewed(self._create(name, namespace, election_record))

    async def update(self, name: str, namespace: str, updated_record: LeaderElectionRecord) -> bool:
        return await self._renewed(super().update(name, namespace, updated_record))

    async def clear(self) -> None:
        """Give the Lease back, if it is ours still."""
        while not await self._is_cleared():
            pass  # A renewal of ours that was on its way came between.

    async def _is_cleared(self) -> bool:
        await super().get(self.name, self.namespace)
        lease = self.lease_reference
        if lease is None or lease.spec is None or lease.spec.holder_identity != self.identity:
            return True
        lease.spec.holder_identity = None
        try:
            await self.api_instance.replace_namespaced_lease(self.name, self.namespace, lease)
        except ApiException as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            return False
        return True

    async def _create(self, name: str, namespace: str, record: LeaderElectionRecord) -> bool:
        """As the base class does, whose own call its client refuses (`pretty` has to be text)."""
        lease = V1Lease(metadata=V1ObjectMeta(name=name), spec=self.update_lease(record))
        await self.api_instance.create_namespaced_lease(namespace, lease)
        return True

    async def _renewed(self, request: Any) -> bool:
        asked_at = monotonic()
        done = bool(await self._bounded(request, otherwise=False))
        if done:
            self.renewed_at = asked_at
        return done

    async def _bounded(self, request: Any, *, otherwise: Any) -> Any:
        """Return what stands for a failure, whatever goes wrong: the election tries again."""
        try:
            return await asyncio.wait_for(request, _REQUEST_SECONDS)
        except Exception as error:
            log.warning("the Lease: %r", error)
            return otherwise


class _NoAnswer(Exception):
    """Stands where the election looks for the API's error."""

    reason = "no answer"
