"""The client: notebooks are called as functions are.

client = podbook.Client()
client.notebooks["analysis"](customer_name="microsoft")
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import httpx

from podbook import event_lines
from podbook.calling import drawn, left, sending, servers, shown, steps
from podbook.calling.outcomes import NoOutput
from podbook.calling.rows import FAILS, AtOnce, no_run
from podbook.calling.runs import Run
from podbook.calling.steps import Ask, Json, Pause, Progress, Steps

T = TypeVar("T")

# How long the picture of a running execution in a notebook may be behind.
_REDRAWN_SECONDS: Final = 2.0


class Client(sending.Server):
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
        self._http = httpx.Client(**sending.settings(self.url, timeout))
        self.notebooks: Mapping[str, Notebook] = Notebooks(self)
        self.executions = Executions(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def do(self, call: Steps[T]) -> T:
        """Take a call's steps; return its result."""
        answer: Any = None
        while True:
            try:
                asked = call.send(answer)
            except StopIteration as done:
                result: T = done.value
                return result
            if isinstance(asked, Pause):
                time.sleep(asked.seconds)
                answer = None
            else:
                answer = self._send(asked)

    def _send(self, ask: Ask) -> httpx.Response | httpx.TransportError:
        try:
            return self._http.request(ask.method, ask.path, **self._given(ask))
        except httpx.TransportError as error:
            return error

    def events(self, path: str, after: str | None) -> Iterator[Json]:
        """Yield events, each once, over as many connections as it takes."""
        return event_lines.follow(self._http, path, after=after, given=self._given)


class Execution(Run):
    """One run; what is asked of it is asked of the server."""

    def __init__(self, client: Client, view: Json) -> None:
        super().__init__(view)
        self._client = client

    @property
    def output(self) -> Any:
        """What the notebook saved; raises NoOutput that says why there is none."""
        return self._client.do(steps.output(self.view))

    def output_or(self, default: Any) -> Any:
        """Return what the notebook saved, or the default."""
        try:
            return self.output
        except NoOutput:
            return default

    def wait(self, timeout: float | None = None) -> Self:
        """Wait for its end, or only for so many seconds: the run goes on whatever they are."""
        self._client.do(self._waited(timeout, time.monotonic))
        return self

    def _look(self, seconds: float = 0.0) -> None:
        self._client.do(self._looked(seconds))

    def follow(self, after: str | None = None) -> Iterator[Json]:
        """Yield the run's events, from its first or after the one of that id, to its last."""
        for event in self._client.events(self._events, after):
            yield event
            if event["type"] == event_lines.LAST:
                self._look()
                return

    def cancel(self) -> Self:
        """Ask the run to end; it saves what it has and ends as Cancelled."""
        self._client.do(self._cancelled())
        return self

    def rerun(self, parameters: Json | None = None, version: str = "current") -> "Execution":
        """Run it once more, these parameters in the places of the former ones."""
        view = self._client.do(steps.rerun(self._run, parameters, version))
        return Execution(self._client, view)

    def frame(self, pointer: str = "") -> Any:
        """Return the output, or what the JSON pointer leads to in it, as a pandas DataFrame."""
        return left.frame_of(self.output, pointer)

    def download(self, folder: str | Path, progress: Progress | None = None) -> list[Path]:
        """Save the files that it left; progress is told how many of how many are there."""
        self._look()
        saved = left.places(folder, self.artifacts)
        for number, (name, path) in enumerate(zip(self.artifacts, saved, strict=True), 1):
            path.parent.mkdir(parents=True, exist_ok=True)
            answer = self._client.do(steps.answered(left.file_of(self.id, name)))
            path.write_bytes(answer.content)
            if progress is not None:
                progress(number, len(saved))
        return saved

    def _ipython_display_(self) -> None:
        drawn.draw(self, lambda: self._look(_REDRAWN_SECONDS))


class Notebook(shown.Described):
    """A notebook, called as a function: its signature and help are its contract's."""

    def __init__(self, client: Client, view: Json) -> None:
        self._client = client
        super().__init__(view)

    def __call__(self, **parameters: Any) -> Any:
        """Run it; return its output, None where none was saved, or raise why there is no end."""
        return self.run(parameters).output_or(None)

    def submit(
        self,
        parameters: Json | None = None,
        *,
        idempotency_key: str | None = None,
        fresh: bool = False,
        **options: Any,
    ) -> Execution:
        """Ask for a run and return it at once; options are the API's, as deadlineSeconds."""
        call = steps.submitted(self.id, parameters, idempotency_key, fresh, options)
        return Execution(self._client, self._client.do(call))

    def run(
        self,
        parameters: Json | None = None,
        *,
        check: bool = True,
        fresh: bool = False,
        timeout: float | None = None,
        **options: Any,
    ) -> Execution:
        """Run it; a timeout ends the wait, never the run."""
        found = self.submit(parameters, fresh=fresh, **options).wait(timeout)
        return found.check() if check else found

    def map(
        self,
        rows: Iterable[Json],
        *,
        parallel: int = 8,
        ordered: bool = True,
        progress: Progress | None = None,
    ) -> Iterator[Execution]:
        """Yield a run for each row, in their order or as they end; failures are values.

        So is a row that is refused: its phase is Refused, its `error` says why, check() raises it.
        """
        at_once = AtOnce(parallel, ordered, progress)
        return at_once.runs(rows, self._row)

    def _row(self, row: Json) -> Execution:
        """Run a row; what it fails by, whether there is a run or none, is the run's error."""
        found: Execution | None = None
        try:
            found = self.submit(row)
            return found.wait()
        except FAILS as error:
            if found is None:
                found = Execution(self._client, no_run(self.id, row, error))
            found._failed_by = error
            return found


class Notebooks(Mapping[str, Notebook]):
    """The catalog; nothing is asked of the server before something is wanted."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def _ids(self) -> list[str]:
        return self._client.do(steps.notebooks())

    def __getitem__(self, name: str) -> Notebook:
        view = self._client.do(steps.notebook(name))
        if view is None:
            raise shown.unknown(name, self._ids())
        return Notebook(self._client, view)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids())

    def __len__(self) -> int:
        return len(self._ids())

    def _ipython_key_completions_(self) -> list[str]:
        return self._ids()


class Executions:
    """The runs that the server has."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def get(self, execution: str) -> Execution:
        """Return the run of that id; raises NotFound."""
        return Execution(self._client, self._client.do(steps.looked(execution, 0)))

    def list(
        self, *, notebook: str | None = None, phase: str | None = None, since: str | None = None
    ) -> Iterator[Execution]:
        """Yield runs, newest first, as a list shows them: get() tells all of one."""
        more: str | None = ""
        while more is not None:
            page = steps.pages(more, notebook=notebook, phase=phase, since=since)
            items, more = self._client.do(page)
            yield from (Execution(self._client, item) for item in items)

    def latest(self, notebook: str, parameters: Json | None = None) -> Execution | None:
        """Return the last run of the notebook, with these parameters where any are given."""
        for row in self.list(notebook=notebook):
            found = self.get(row.id)
            if shown.has_parameters(found.view, parameters):
                return found
        return None
