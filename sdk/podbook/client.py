"""A client of the REST API: run a notebook, wait, fetch what it left."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Final, Self
from urllib.parse import quote, urlsplit

import httpx

# The server answers a wait after at most this long; the client then asks again.
_LONGEST_WAIT_SECONDS: Final = 60
_ANSWER_SECONDS: Final = 30.0
_JSON: Final = {"Content-Type": "application/json"}
_LAST_EVENT: Final = "execution.finished"
# The server says something at least every 15 seconds.
_SILENCE_SECONDS: Final = 60.0
_RECONNECTIONS: Final = 30
_RECONNECTION_SECONDS: Final = 1.0
_FINAL: Final = frozenset({"Succeeded", "Failed", "Cancelled"})

Json = dict[str, Any]


class Unreachable(Exception):
    """The server gave no answer."""


class ApiError(Exception):
    """The server refused; the message is its sentence, with every place that does not fit.

    status is the HTTP status, problem the whole problem document (RFC 9457).
    """

    def __init__(self, status: int, problem: Json) -> None:
        self.status = status
        self.problem = problem
        title = str(problem.get("title") or HTTPStatus(status).phrase)
        places = [f"  {e.get('pointer')}: {e.get('detail')}" for e in problem.get("errors") or []]
        detail = problem.get("detail")
        lines = places or ([f"  {detail}"] if detail and detail != title else [])
        super().__init__("\n".join([title, *lines]))

    @property
    def is_the_callers(self) -> bool:
        """Whether another request would do better; otherwise the same one may, later."""
        too_many = HTTPStatus.TOO_MANY_REQUESTS
        return self.status < HTTPStatus.INTERNAL_SERVER_ERROR and self.status != too_many


@dataclass(frozen=True, slots=True, repr=False)
class Execution:
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
    def id(self) -> str:
        """What the server calls it."""
        return str(self.view["id"])

    @property
    def phase(self) -> str:
        """Queued, Starting, Running, Succeeded, Failed or Cancelled."""
        return str(self.view["phase"])

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self.phase in _FINAL

    @property
    def output(self) -> Any:
        """What the notebook saved, None where it saved nothing; see Podbook.output."""
        return self.view.get("output")


class Podbook:
    """A server, by its URL; usable as a context manager."""

    def __init__(self, url: str, *, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # What HTTP_PROXY names is for the world outside: it cannot reach this machine's own.
        self._http = httpx.Client(
            base_url=url,
            headers=headers,
            timeout=_ANSWER_SECONDS,
            trust_env=not _is_loopback(url),
        )
        self.url = url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def notebooks(self) -> list[Json]:
        """Return the catalog."""
        items: list[Json] = self._json("GET", "/v1/notebooks")["items"]
        return items

    def notebook(self, notebook: str) -> Json:
        """Return one notebook with its contract; raises ApiError 404."""
        return self._json("GET", f"/v1/notebooks/{quote(notebook)}")

    def submit(
        self,
        notebook: str,
        parameters: Json | None = None,
        *,
        idempotency_key: str | None = None,
        **options: Any,
    ) -> Execution:
        """Ask for a run and return it at once; raises ApiError where the parameters do not fit.

        options are the API's own: deadlineSeconds, retryLimit, outputValidation, ...
        """
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
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
            found = self.get(execution, wait_seconds=_LONGEST_WAIT_SECONDS)
            if found.is_final:
                return found

    def follow(self, execution: str, *, after: str | None = None) -> Iterator[Json]:
        """Yield the events of a run, from its first or after the one of that id, to its last.

        A connection that breaks is made again, and nothing is told twice; raises Unreachable where
        that does not help for half a minute, ApiError where the server refuses.
        """
        place, failures = after, 0
        while True:
            try:
                for event in self._events(execution, place):
                    place, failures = event.get("id", place), 0
                    yield event
                    if event["type"] == _LAST_EVENT:
                        return
            except httpx.TransportError as error:
                if failures >= _RECONNECTIONS:
                    raise Unreachable(f"{self.url} gave no answer: {error}") from error
            failures += 1
            time.sleep(_RECONNECTION_SECONDS)

    def _events(self, execution: str, place: str | None) -> Iterator[Json]:
        """Yield what one connection brings; it may end before the run does."""
        with self._http.stream(
            "GET",
            f"{_path(execution)}/events",
            headers={"Accept": "application/x-ndjson"},
            params={"after": place} if place else {},
            timeout=httpx.Timeout(_ANSWER_SECONDS, read=_SILENCE_SECONDS),
        ) as response:
            if response.is_error:
                response.read()
                raise ApiError(response.status_code, _problem(response))
            for line in response.iter_lines():
                if line:
                    yield json.loads(line)

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

    def artifact(self, execution: str, name: str) -> bytes:
        """Return a file that the run left, such as `notebook.ipynb`."""
        return self._answer("GET", f"{_path(execution)}/artifacts/{quote(name)}").content

    def _json(self, method: str, path: str, **arguments: Any) -> Json:
        answer: Json = self._answer(method, path, **arguments).json()
        return answer

    def _answer(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        waited = (arguments.get("params") or {}).get("wait", 0)
        if method == "POST":
            # Not httpx's own writer: it cannot send lone surrogates, which Python's texts may hold.
            arguments["content"] = json.dumps(arguments.pop("json", {})).encode()
            arguments["headers"] = {**_JSON, **arguments.get("headers", {})}
        try:
            response = self._http.request(
                method, path, timeout=_ANSWER_SECONDS + waited, **arguments
            )
        except httpx.HTTPError as error:
            raise Unreachable(f"{self.url} gave no answer: {error}") from error
        if response.is_error:
            raise ApiError(response.status_code, _problem(response))
        return response


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _path(execution: str) -> str:
    return f"/v1/executions/{quote(execution, safe='')}"


def _problem(response: httpx.Response) -> Json:
    try:
        problem = response.json()
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {"detail": response.text[:1000]}
