"""The client for programs with an event loop: the same, with `await`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from podbook import event_lines
from podbook.calling import async_events, async_rows, left, sending, servers, shown, steps
from podbook.calling.outcomes import NoOutput
from podbook.calling.rows import FAILS, AtOnce, no_run
from podbook.calling.runs import Run
from podbook.calling.steps import Ask, Json, Pause, Progress, Steps

T = TypeVar("T")


class AsyncClient(sending.Server):
    """A server: the one that is named, else the one that the command line would mean."""

    def __init__(
        self,
        url: str | None = None,
        *,
        context: str | None = None,
        token: servers.Token = None,
        timeout: float = 30.0,
    ) -> None:
        """Timeout is for a single answer; raises NoServer."""
        super().__init__(url, context, token, timeout)
        self._http = httpx.AsyncClient(**sending.settings(self.url, timeout))
        self.notebooks = AsyncNotebooks(self)
        self.executions = AsyncExecutions(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def do(self, call: Steps[T]) -> T:
        """Take a call's steps; return its result."""
        answer: Any = None
        while True:
            try:
                asked = call.send(answer)
            except StopIteration as done:
                result: T = done.value
                return result
            if isinstance(asked, Pause):
                await asyncio.sleep(asked.seconds)
                answer = None
            else:
                answer = await self._send(asked)

    async def _send(self, ask: Ask) -> httpx.Response | httpx.TransportError:
        try:
            return await self._http.request(ask.method, ask.path, **self._given(ask))
        except httpx.TransportError as error:
            return error

    def events(self, path: str, after: str | None) -> AsyncIterator[Json]:
        """Yield events, each once, over as many connections as it takes."""
        return async_events.follow(self._http, path, after, self._given)


class AsyncExecution(Run):
    """One run; what is asked of it is asked of the server."""

    def __init__(self, client: AsyncClient, view: Json) -> None:
        super().__init__(view)
        self._client = client

    @property
    def output(self) -> Awaitable[Any]:
        """What the notebook saved, to be awaited; raises NoOutput that says why there is none."""
        return self._client.do(steps.output(self.view))

    async def output_or(self, default: Any) -> Any:
        """Return what the notebook saved, or the default."""
        try:
            return await self.output
        except NoOutput:
            return default

    async def wait(self, timeout: float | None = None) -> Self:
        """Wait for its end, or only for so many seconds: the run goes on whatever they are."""
        await self._client.do(self._waited(timeout, asyncio.get_running_loop().time))
        return self

    async def follow(self, after: str | None = None) -> AsyncIterator[Json]:
        """Yield the run's events, from its first or after the one of that id, to its last."""
        async for event in self._client.events(self._events, after):
            yield event
            if event["type"] == event_lines.LAST:
                await self._client.do(self._looked())
                return

    async def cancel(self) -> Self:
        """Ask the run to end; it saves what it has and ends as Cancelled."""
        await self._client.do(self._cancelled())
        return self

    async def rerun(
        self, parameters: Json | None = None, version: str = "current"
    ) -> "AsyncExecution":
        """Run it once more, these parameters in the places of the former ones."""
        view = await self._client.do(steps.rerun(self._run, parameters, version))
        return AsyncExecution(self._client, view)

    async def frame(self, pointer: str = "") -> Any:
        """Return the output, or what the JSON pointer leads to in it, as a pandas DataFrame."""
        return await asyncio.to_thread(left.frame_of, await self.output, pointer)

    async def download(self, folder: str | Path, progress: Progress | None = None) -> list[Path]:
        """Save the files that it left; progress is told how many of how many are there."""
        await self._client.do(self._looked())
        saved = left.places(folder, self.artifacts)
        for number, (name, path) in enumerate(zip(self.artifacts, saved, strict=True), 1):
            answer = await self._client.do(steps.answered(left.file_of(self.id, name)))
            path.parent.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(path.write_bytes, answer.content)
            if progress is not None:
                progress(number, len(saved))
        return saved


class AsyncNotebook(shown.Described):
    """A notebook, called as a coroutine function: its signature and help are its contract's."""

    def __init__(self, client: AsyncClient, view: Json) -> None:
        self._client = client
        super().__init__(view)

    async def __call__(self, **parameters: Any) -> Any:
        """Run it; return its output, None where none was saved, or raise why there is no end."""
        return await (await self.run(parameters)).output_or(None)

    async def submit(
        self,
        parameters: Json | None = None,
        *,
        idempotency_key: str | None = None,
        fresh: bool = False,
        **options: Any,
    ) -> AsyncExecution:
        """Ask for a run and return it at once; options are the API's, as deadlineSeconds."""
        call = steps.submitted(self.id, parameters, idempotency_key, fresh, options)
        return AsyncExecution(self._client, await self._client.do(call))

    async def run(
        self,
        parameters: Json | None = None,
        *,
        check: bool = True,
        fresh: bool = False,
        timeout: float | None = None,
        **options: Any,
    ) -> AsyncExecution:
        """Run it; a timeout ends the wait, never the run."""
        found = await (await self.submit(parameters, fresh=fresh, **options)).wait(timeout)
        return found.check() if check else found

    def map(
        self,
        rows: Iterable[Json],
        *,
        parallel: int = 8,
        ordered: bool = True,
        progress: Progress | None = None,
    ) -> AsyncIterator[AsyncExecution]:
        """Yield a run for each row, in their order or as they end; failures are values.

        So is a row that is refused: its phase is Refused, its `error` says why, check() raises it.
        """
        at_once = AtOnce(parallel, ordered, progress)
        return async_rows.runs(at_once, rows, self._row)

    async def _row(self, row: Json) -> AsyncExecution:
        """Run a row; what it fails by, whether there is a run or none, is the run's error."""
        found: AsyncExecution | None = None
        try:
            found = await self.submit(row)
            return await found.wait()
        except FAILS as error:
            if found is None:
                found = AsyncExecution(self._client, no_run(self.id, row, error))
            found._failed_by = error
            return found


class AsyncNotebooks:
    """The catalog: `await client.notebooks["analysis"]` is a notebook."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def __getitem__(self, name: str) -> AsyncNotebook:
        view = await self._client.do(steps.notebook(name))
        if view is None:
            raise shown.unknown(name, await self.keys())
        return AsyncNotebook(self._client, view)

    async def __aiter__(self) -> AsyncIterator[str]:
        for name in await self.keys():
            yield name

    async def get(self, name: str, default: AsyncNotebook | None = None) -> AsyncNotebook | None:
        """Return the notebook of that id, or the default: as a mapping would."""
        view = await self._client.do(steps.notebook(name))
        return default if view is None else AsyncNotebook(self._client, view)

    async def keys(self) -> list[str]:
        """Return the ids of all notebooks."""
        return await self._client.do(steps.notebooks())

    async def values(self) -> AsyncIterator[AsyncNotebook]:
        """Yield the notebooks, each as it is wanted."""
        for name in await self.keys():
            if (found := await self.get(name)) is not None:
                yield found


class AsyncExecutions:
    """The runs that the server has."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def get(self, execution: str) -> AsyncExecution:
        """Return the run of that id; raises NotFound."""
        return AsyncExecution(self._client, await self._client.do(steps.looked(execution, 0)))

    async def list(
        self, *, notebook: str | None = None, phase: str | None = None, since: str | None = None
    ) -> AsyncIterator[AsyncExecution]:
        """Yield runs, newest first, as a list shows them: get() tells all of one."""
        more: str | None = ""
        while more is not None:
            page = steps.pages(more, notebook=notebook, phase=phase, since=since)
            items, more = await self._client.do(page)
            for item in items:
                yield AsyncExecution(self._client, item)

    async def latest(self, notebook: str, parameters: Json | None = None) -> AsyncExecution | None:
        """Return the last run of the notebook, with these parameters where any are given."""
        async for row in self.list(notebook=notebook):
            found = await self.get(row.id)
            if shown.has_parameters(found.view, parameters):
                return found
        return None
