"""The client for programs with an event loop: the same, with `await`."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Iterable
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from podbook.calling import async_events, async_rows, left, sending, servers, shown, steps
from podbook.calling.outcomes import NoOutput
from podbook.calling.rows import FAILS, AtOnce, no_run
from podbook.calling.steps import Ask, Json, Pause, Progress, Steps

T = TypeVar("T")


class AsyncClient:
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
        self.url, self._token = servers.meant(url, context, token)
        self._timeout = timeout
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
        given = sending.arguments(ask, self._token, self._timeout)
        try:
            return await self._http.request(ask.method, ask.path, **given)
        except httpx.TransportError as error:
            return error

    def events(self, path: str, after: str | None) -> AsyncIterator[Json]:
        """Yield events, each once, over as many connections as it takes."""

        def given(ask: Ask) -> dict[str, Any]:
            return sending.arguments(ask, self._token, self._timeout)

        return async_events.follow(self._http, path, after, given)


class AsyncExecution(shown.Shown):
    """One run; what is asked of it is asked of the server."""

    def __init__(self, client: AsyncClient, view: Json) -> None:
        self._client = client
        self.view = view

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
        clock = asyncio.get_running_loop().time
        end = None if timeout is None else clock() + timeout
        while not self.is_final:
            left = steps.LONGEST_WAIT_SECONDS if end is None else max(0.0, end - clock())
            await self._look(min(left, steps.LONGEST_WAIT_SECONDS))
            if end is not None and clock() >= end:
                break
        return self

    async def _look(self, seconds: float = 0.0) -> None:
        self.view = await self._client.do(steps.looked(self._run, seconds))
        self._failed_by = None

    async def follow(self, after: str | None = None) -> AsyncIterator[Json]:
        """Yield the run's events, from its first or after the one of that id, to its last."""
        async for event in self._client.events(f"{steps.path_of(self._run)}/events", after):
            yield event
            if event["type"] == "execution.finished":
                await self._look()
                return

    def check(self) -> Self:
        """Return it, unless its end was no success: then raise by whose fault that was."""
        if self.error is not None:
            raise self.error
        return self

    async def cancel(self) -> Self:
        """Ask the run to end; it saves what it has and ends as Cancelled."""
        ask = Ask("POST", f"{steps.path_of(self._run)}/cancel", body={})
        self.view = await self._client.do(steps.fetched(ask))
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
        await self._look()
        saved = left.places(folder, self.artifacts)
        for number, (name, path) in enumerate(zip(self.artifacts, saved, strict=True), 1):
            answer = await self._client.do(steps.answered(left.file_of(self.id, name)))
            path.parent.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(path.write_bytes, answer.content)
            if progress is not None:
                progress(number, len(saved))
        return saved


class AsyncNotebook:
    """A notebook, called as a coroutine function: its signature and help are its contract's."""

    def __init__(self, client: AsyncClient, view: Json) -> None:
        self._client = client
        self.view = view
        self.id = str(view["id"])
        self.__doc__ = shown.documentation(view)
        self.__name__ = self.id

    @property
    def __signature__(self) -> inspect.Signature:
        return shown.signature(self.view.get("input"))

    def __repr__(self) -> str:
        return f"<AsyncNotebook {self.id}{self.__signature__}>"

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
            raise shown.unknown(name, [found async for found in self])
        return AsyncNotebook(self._client, view)

    async def __aiter__(self) -> AsyncIterator[str]:
        ask = Ask("GET", "/v1/notebooks", {"view": "summary"})
        for item in (await self._client.do(steps.fetched(ask)))["items"]:
            yield str(item["id"])

    async def get(self, name: str, default: AsyncNotebook | None = None) -> AsyncNotebook | None:
        """Return the notebook of that id, or the default: as a mapping would."""
        view = await self._client.do(steps.notebook(name))
        return default if view is None else AsyncNotebook(self._client, view)

    async def keys(self) -> list[str]:
        """Return the ids of all notebooks."""
        return [name async for name in self]

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
        params = {"notebook": notebook, "phase": phase, "since": since}
        params = {name: value for name, value in params.items() if value}
        more: str | None = ""
        while more is not None:
            page = {**params, **({"continue": more} if more else {})}
            items, more = await self._client.do(steps.pages(page))
            for item in items:
                yield AsyncExecution(self._client, item)

    async def latest(self, notebook: str, parameters: Json | None = None) -> AsyncExecution | None:
        """Return the last run of the notebook, with these parameters where any are given."""
        async for row in self.list(notebook=notebook):
            found = await self.get(row.id)
            if parameters is None or found.view["parameters"] == parameters:
                return found
        return None
