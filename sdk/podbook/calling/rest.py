"""The routes of the REST API, a method each: what the command line is made of."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote

import httpx

from podbook import event_lines
from podbook.calling.sending import arguments, settings
from podbook.calling.shown import Shown
from podbook.calling.steps import LONGEST_WAIT_SECONDS, Ask, Json
from podbook.calling.steps import path_of as _path
from podbook.refusals import ApiError, Unreachable, problem_of

__all__ = ["ApiError", "Execution", "Rest", "Unreachable"]

_ANSWER_SECONDS: Final = 30.0
_AGAIN_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, repr=False)
class Execution(Shown):
    """One run as the server showed it last; `view` is the whole of it."""

    view: Json

    def __repr__(self) -> str:
        """Say which run of what it is and how it stands; a failed one says what failed."""
        shown = f"{self.id} {self.view.get('notebook') or 'inline'} {self.phase}"
        failed = self.is_final and self.phase != "Succeeded"
        why = self.view.get("message") or "" if failed else ""
        reason = f" ({self.view.get('reason')}{': ' if why else ''}{why[:80]})" if failed else ""
        return f"<Execution {shown}{reason}>"

    @property
    def output(self) -> Any:
        """What the notebook saved, None where it saved nothing; see Rest.output."""
        return self.view.get("output")


class Rest:
    """A server, by its URL; usable as a context manager."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        timeout: float = _ANSWER_SECONDS,
        patience: float = 0.0,
    ) -> None:
        """Patience is for how many seconds what only reads is asked again without an answer."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(headers=headers, **settings(url, timeout))
        self.url = url
        self._timeout = timeout
        self._patience = patience

    @property
    def http(self) -> httpx.Client:
        """The connection to the server, for what this class has no method for."""
        return self._http

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def notebooks(self) -> list[Json]:
        """Return the catalog."""
        items: list[Json] = self._json("GET", "/v1/notebooks")["items"]
        return items

    def search(self, query: str = "") -> list[Json]:
        """Return a line for each notebook in whose id, title or description every word stands."""
        parameters = {"view": "summary", **({"query": query} if query else {})}
        items: list[Json] = self._json("GET", "/v1/notebooks", params=parameters)["items"]
        return items

    def session(self) -> Json:
        """Return who the server takes the caller for, and what the caller may do."""
        return self._json("GET", "/v1/session")

    def notebook(self, notebook: str) -> Json:
        """Return one notebook with its contract; raises ApiError 404."""
        return self._json("GET", f"/v1/notebooks/{quote(notebook)}")

    def flush(self, notebook: str) -> Json:
        """Have the pods that wait for calls of a notebook made anew."""
        return self._json("POST", f"/v1/notebooks/{quote(notebook)}/warm/flush")

    def submit(
        self,
        notebook: str,
        parameters: Json | None = None,
        *,
        idempotency_key: str | None = None,
        fresh: bool = False,
        **options: Any,
    ) -> Execution:
        """Ask for a run and return it at once; raises ApiError where the parameters do not fit.

        options are the API's own: deadlineSeconds, retryLimit, outputValidation, ...
        """
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        headers |= {"Cache-Control": "no-cache"} if fresh else {}
        body = {"parameters": parameters or {}, **options}
        path = f"/v1/notebooks/{quote(notebook)}/executions"
        return Execution(self._json("POST", path, json=body, headers=headers))

    def run(self, notebook: str, parameters: Json | None = None, **options: Any) -> Execution:
        """Ask for a run and return it when it is final, however long that takes."""
        return self.wait(self.submit(notebook, parameters, **options).id)

    def get(self, execution: str, *, wait_seconds: float = 0) -> Execution:
        """Return the execution, as soon as it is final or the seconds (at most 60) are over."""
        parameters = {"wait": wait_seconds} if wait_seconds else {}
        return Execution(self._json("GET", _path(execution), params=parameters))

    def wait(self, execution: str) -> Execution:
        """Return the execution when it is final."""
        while True:
            found = self.get(execution, wait_seconds=LONGEST_WAIT_SECONDS)
            if found.is_final:
                return found

    def follow(self, execution: str, *, after: str | None = None) -> Iterator[Json]:
        """Yield the events of a run, from its first or after the one of that id, to its last.

        A connection that breaks is made again, and nothing is told twice; raises Unreachable where
        that does not help for half a minute, ApiError where the server refuses.
        """
        path = f"{_path(execution)}/events"
        for event in event_lines.follow(self._http, path, after=after, given=self._given):
            yield event
            if event["type"] == event_lines.LAST:
                return

    def changes(self, *, notebook: str | None = None) -> Iterator[Json | None]:
        """Yield each change of an execution's phase, without end.

        None comes first and after each new connection: what happened before it is not told, so
        that is when to read the list.
        """
        return event_lines.changes(self._http, {"notebook": notebook}, given=self._given)

    def executions(
        self, *, notebook: str | None = None, phase: str | None = None, page: int = 50
    ) -> Iterator[Json]:
        """Yield executions, newest first; page is how many are asked for at once."""
        wanted = {"notebook": notebook, "phase": phase, "limit": page}
        query = {name: value for name, value in wanted.items() if value}
        following: Json = {}
        while True:
            found = self._json("GET", "/v1/executions", params={**query, **following})
            yield from found["items"]
            if not found.get("continue"):
                return
            following = {"continue": found["continue"]}

    def cancel(self, execution: str) -> Execution:
        """Ask the run to end; it saves what it has and ends as Cancelled."""
        return Execution(self._json("POST", f"{_path(execution)}/cancel"))

    def rerun(
        self, execution: str, parameters: Json | None = None, *, same_version: bool = False
    ) -> Execution:
        """Ask for the same run once more, these parameters in the places of the former ones.

        The notebook is run as it is now, or with same_version as it was then.
        """
        version = "same" if same_version else "current"
        body = {"parameters": parameters or {}, "version": version}
        return Execution(self._json("POST", f"{_path(execution)}/rerun", json=body))

    def keep(self, execution: str, *, keep: bool = True) -> Execution:
        """Keep an execution and its artifacts beyond their time, or no longer."""
        method = "POST" if keep else "DELETE"
        return Execution(self._json(method, f"{_path(execution)}/keep"))

    def delete(self, execution: str) -> None:
        """Delete the execution; a running one is ended."""
        self._answer("DELETE", _path(execution))

    def output(self, execution: Execution) -> Any:
        """Return what the notebook saved, None where it saved nothing, however large it is.

        The server tells an output above 4 MiB by `hasOutput` alone; it is fetched as a file.
        """
        view = execution.view
        if view.get("output") is None and view.get("hasOutput"):
            return json.loads(self.artifact(execution.id, "output.json"))
        return execution.output

    def pod_events(self, execution: str) -> list[Json]:
        """Return what the cluster tells of the pod of a run's last attempt, the newest last."""
        items: list[Json] = self._json("GET", f"{_path(execution)}/pod-events")["items"]
        return items

    def artifact(self, execution: str, name: str) -> bytes:
        """Return a file that the run left, such as `notebook.ipynb`."""
        return self._answer("GET", f"{_path(execution)}/artifacts/{quote(name)}").content

    def download(self, execution: str, name: str, path: Path) -> None:
        """Save a file that the run left; what is there before stays until all of it has come."""
        address = f"{_path(execution)}/artifacts/{quote(name)}"
        half = path.with_name(f".{path.name}.part")
        try:
            with self._http.stream("GET", address) as response, half.open("wb") as file:
                if response.is_error:
                    response.read()
                    raise ApiError(response.status_code, problem_of(response))
                for data in response.iter_bytes():
                    file.write(data)
            half.replace(path)
        except httpx.HTTPError as error:
            raise Unreachable(f"{self.url} gave no answer: {error}") from error
        finally:
            half.unlink(missing_ok=True)

    def _json(self, method: str, path: str, **arguments: Any) -> Json:
        answer: Json = self._answer(method, path, **arguments).json()
        return answer

    def _given(self, ask: Ask) -> dict[str, Any]:
        # Its token is among what the connection shows to everybody.
        return arguments(ask, None, self._timeout)

    def _answer(
        self,
        method: str,
        path: str,
        *,
        params: Json | None = None,
        json: Json | None = None,
        headers: Json | None = None,
    ) -> httpx.Response:
        params = params or {}
        body = (json or {}) if method == "POST" else None
        ask = Ask(method, path, params, body, headers or {}, seconds=params.get("wait", 0))
        give_up = time.monotonic() + (self._patience if method == "GET" else 0.0)
        while True:
            try:
                response = self._http.request(method, path, **self._given(ask))
                break
            except httpx.HTTPError as error:
                if time.monotonic() >= give_up:
                    raise Unreachable(f"{self.url} gave no answer: {error}") from error
            time.sleep(_AGAIN_SECONDS)
        if response.is_error:
            raise ApiError(response.status_code, problem_of(response))
        return response
