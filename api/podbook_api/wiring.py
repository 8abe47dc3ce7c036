"""Wires the API's parts together: made once, handed to both applications."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from fastapi import Request

from podbook_api.artifacts.execution_artifacts import Artifacts, Makers
from podbook_api.artifacts.execution_record import Records, Resource
from podbook_api.artifacts.past_versions import Past
from podbook_api.artifacts.pinned_content import Contents
from podbook_api.artifacts.progress import ProgressBoard
from podbook_api.artifacts.rendering.renderer import Renderer
from podbook_api.artifacts.store import Store
from podbook_api.artifacts.tickets import Tickets
from podbook_api.artifacts.upkeep.store_checks import StoreChecks
from podbook_api.artifacts.upkeep.sweep import Sweeper
from podbook_api.auth.authentication import Callers
from podbook_api.auth.executing import Executing
from podbook_api.events.changes import Changes
from podbook_api.events.closing import Closing
from podbook_api.events.following import Following
from podbook_api.events.pod_events import PodEvents
from podbook_api.events.pod_logs import PodLogs
from podbook_api.events.retelling import Retelling
from podbook_api.events.tails import Tails
from podbook_api.http import bodies
from podbook_api.http.large_bodies import Body, LargeBodies
from podbook_api.http.reading.reader import Reader
from podbook_api.intake.reached import Reached
from podbook_api.intake.run_marks import RunMarks
from podbook_api.settings import Settings
from podbook_api.state.catalog import Catalog, Entry
from podbook_api.state.cluster import Cluster
from podbook_api.state.execution_index import ExecutionIndex
from podbook_api.state.executions import Executions
from podbook_api.state.introductions import Introductions
from podbook_api.state.notebooks import Notebooks
from podbook_api.state.reports import Reports
from podbook_api.state.standings import Standings
from podbook_api.state.starting_phase import Starts
from podbook_api.state.warm_pods import WarmPods
from podbook_api.submit.again.reruns import Reruns
from podbook_api.submit.again.reuse import Reuse
from podbook_api.submit.dry_run import DryRuns
from podbook_api.submit.effects import Effects
from podbook_api.submit.making import Making
from podbook_api.submit.pushing.blobs import PushedBlobs
from podbook_api.submit.pushing.brought import Brought
from podbook_api.submit.pushing.pushes import Pushes
from podbook_api.submit.release_limits import ReleaseLimits
from podbook_api.submit.revisions import Revisions
from podbook_api.submit.submissions import Submissions
from podbook_crds import names
from podbook_crds.checking.checker import Checker
from podbook_crds.errors import PodbookError
from podbook_kube.reflector import Reflector

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """Everything that the routes are built on."""

    settings: Settings
    callers: Callers
    cluster: Cluster
    store: Store
    contents: Contents
    catalog: Catalog
    notebooks: Notebooks
    introductions: Introductions
    followed: Reflector
    index: ExecutionIndex
    cache: Reflector
    executions: Executions
    submissions: Submissions
    reruns: Reruns
    pushes: Pushes
    dry_runs: DryRuns
    starts: Starts
    standings: Standings
    reports: Reports
    progress: ProgressBoard
    tails: Tails
    following: Following
    retelling: Retelling
    closing: Closing
    changes: Changes
    pod_events: PodEvents
    pod_logs: PodLogs
    renderer: Renderer
    checker: Checker
    large_bodies: LargeBodies
    reader: Reader
    tickets: Tickets
    warm_pods: WarmPods
    artifacts: Artifacts
    records: Records
    marks: RunMarks
    sweeper: Sweeper
    store_checks: StoreChecks
    # Notebook versions whose content is still to be written to the store.
    unkept: asyncio.Queue[Entry]

    @classmethod
    def build(cls, settings: Settings, cluster: Cluster, store: Store) -> Self:
        """Return the parts; nothing is running yet."""
        callers = Callers(settings, cluster)
        contents, unkept = Contents(store), asyncio.Queue[Entry]()
        changes = Changes()
        catalog, index = Catalog(changed=unkept.put_nowait), ExecutionIndex(changed=changes.tell)
        retelling, reader = Retelling(store), Reader()
        pod_events = PodEvents(cluster, store)
        pod_logs = PodLogs(cluster, store, pod_events)
        closing = Closing(store, retelling)

        def recorded(resource: Resource) -> None:
            # First what goes with the pod.
            pod_logs.ended(resource)
            closing.ended(resource)

        records = Records(store, recorded=recorded)
        marks = RunMarks(cluster)
        followed = Reflector(
            cluster, names.NOTEBOOK_PLURAL, present=catalog.present, absent=catalog.absent
        )

        def present(resource: Resource) -> None:
            index.present(resource)
            records.present(resource)
            marks.present(resource)

        def absent(name: str) -> None:
            index.absent(name)
            records.absent(name)

        cache = Reflector(cluster, names.EXECUTION_PLURAL, present=present, absent=absent)
        notebooks = Notebooks(cluster, followed, catalog, pending=settings.catalog_pending)
        renderer = Renderer(store, processes=settings.render_processes)
        checker = Checker(processes=settings.check_processes, seconds=settings.check_seconds)
        executions, tails = Executions(cluster, cache, index), Tails(store)
        submissions = Submissions(
            cluster,
            store,
            contents,
            Revisions(cluster),
            notebooks,
            cache,
            index,
            checker,
            Effects(contents, reader),
            Executing(callers, catalog.object_name, inline=settings.inline),
            Making(cluster, cache),
            Reuse(executions, index, store, utc_now, settings.kernel_image),
            ReleaseLimits(settings.operator_config),
            queue_limit=settings.queue_limit,
            now=utc_now,
        )
        makers = Makers(renderer, reader, retelling.notebook)
        artifacts = Artifacts(store, contents, catalog, makers)
        return cls(
            settings=settings,
            callers=callers,
            cluster=cluster,
            store=store,
            contents=contents,
            catalog=catalog,
            notebooks=notebooks,
            introductions=Introductions(contents, reader),
            followed=followed,
            index=index,
            cache=cache,
            executions=executions,
            submissions=submissions,
            reruns=Reruns(submissions, contents),
            pushes=Pushes(
                cluster,
                contents,
                notebooks,
                followed,
                checker,
                PushedBlobs(store, catalog),
                Brought(store, reader),
                Past(store),
                now=utc_now,
            ),
            dry_runs=DryRuns(contents, settings.namespace),
            starts=Starts(cluster),
            standings=Standings(catalog, contents, index),
            reports=Reports(index, executions, contents, utc_now),
            progress=ProgressBoard(store, Reached(store).of),
            renderer=renderer,
            checker=checker,
            large_bodies=LargeBodies(),
            reader=reader,
            tickets=Tickets(store),
            warm_pods=WarmPods(cluster),
            artifacts=artifacts,
            tails=tails,
            following=Following(executions, tails, artifacts, retelling),
            retelling=retelling,
            closing=closing,
            changes=changes,
            pod_events=pod_events,
            pod_logs=pod_logs,
            records=records,
            marks=marks,
            sweeper=Sweeper(
                cluster, store, contents=contents, records=records, renderer=renderer, now=utc_now
            ),
            store_checks=StoreChecks(store, settings.store),
            unkept=unkept,
        )

    async def body_of(self, request: Request) -> Any:
        """Return the JSON value of the request's body; raise as `bodies` does."""
        return (await self.whole_body_of(request)).value

    async def whole_body_of(self, request: Request) -> Body:
        """Return it with what was found of a notebook that came along."""
        limit = self.settings.body_limit
        return await bodies.read_body(request, limit=limit, large=self.large_bodies)

    @property
    def is_ready(self) -> bool:
        """Whether both watches have been listed once."""
        return self.followed.ready.is_set() and self.cache.ready.is_set()

    async def ready(self) -> None:
        """Return once both watches have been listed."""
        await self.followed.ready.wait()
        await self.cache.ready.wait()

    @contextmanager
    def running(self) -> Iterator[set[asyncio.Task[None]]]:
        """Follow the cluster in the background; a task that ends has failed."""
        loops = [
            self.followed.run(),
            self.cache.run(),
            self.records.run(),
            self.marks.run(),
            self.pod_logs.run(),
            self.closing.run(),
            self.sweeper.run(every_seconds=self.settings.sweep_seconds),
            self._keep_contents(),
        ]
        if self.settings.warm:
            loops.append(self.warm_pods.reflector.run())
        tasks = {asyncio.create_task(loop) for loop in loops}
        try:
            yield tasks
        finally:
            for task in tasks:
                task.cancel()

    async def close(self) -> None:
        """Close connections and processes."""
        await self.renderer.close()
        await self.retelling.close()
        await self.checker.close()
        await self.large_bodies.close()
        await self.reader.close()
        await self.cluster.close()

    async def _keep_contents(self) -> None:
        """Store each notebook version as it is seen, so that its digest leads to it later."""
        while True:
            entry = await self.unkept.get()
            try:
                await self.contents.keep(entry.notebook, entry.content, entry.digest)
            except PodbookError as error:
                _log.warning("%s: not kept yet: %s", entry.notebook.name, error)
                await asyncio.sleep(1)
                self.unkept.put_nowait(entry)


async def services_of(request: Request) -> Services:
    """Return what the application that got the request is built on."""
    services: Services = request.app.state.services
    return services
