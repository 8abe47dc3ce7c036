"""Speaks with a server about its catalog: one module knows the routes."""

import json
from typing import Any, Final
from urllib.parse import quote

import httpx

_BYTES: Final = {"Content-Type": "application/octet-stream"}
_JSON: Final = {"Content-Type": "application/json"}
# A notebook's contract may be judged for seconds, a blob of 64 MiB travels for a while.
_SECONDS: Final = 120.0

Json = dict[str, Any]


class NoAnswer(Exception):
    """The server gave no answer, or has a fault; trying again may help."""


class Declined(Exception):
    """The server will not do it, and the message says why."""

    def __init__(self, status: int, problem: Json) -> None:
        places = problem.get("errors") or []
        shown = "; ".join(f"{e.get('pointer')}: {e.get('detail')}" for e in places)
        words = shown or problem.get("detail") or problem.get("title") or f"HTTP status {status}"
        super().__init__(str(words))
        self.status = status
        self.kind = str(problem.get("type", "")).rpartition(":")[2]
        # Digests of blobs that have to be sent first.
        self.missing: list[str] = problem.get("missing") or []


class CatalogServer:
    """The catalog of one server."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._sent: set[str] = set()

    @property
    def url(self) -> str:
        """Where the server is."""
        return str(self._http.base_url).rstrip("/")

    def notebooks(self) -> list[Json]:
        """Return everything that it serves; raises NoAnswer or Declined, as all others do."""
        items: list[Json] = self._json("GET", "/v1/notebooks")["items"]
        return items

    def status(self) -> Json:
        """Return where its notebooks come from, and what they may need and ask for."""
        return self._json("GET", "/v1/catalog")

    def notebook(self, notebook_id: str) -> Json | None:
        """Return one notebook with its contract and shared models, or None."""
        return self._found(f"/v1/notebooks/{quote(notebook_id)}")

    def versions(self, notebook_id: str) -> Json | None:
        """Return what the notebook was so far, or None where there is none."""
        return self._found(f"/v1/versions/{quote(notebook_id)}")

    def send(self, digest: str, data: bytes) -> None:
        """Send a blob where the server has not got it."""
        if digest not in self._sent and not self.has(digest):
            self._ask("POST", "/v1/blobs", content=data, headers=_BYTES)
        self._sent.add(digest)

    def has(self, digest: str) -> bool:
        """Tell whether a blob need not be sent."""
        if digest not in self._sent and self._found(f"/v1/blobs/{digest}") is None:
            return False
        self._sent.add(digest)
        return True

    def forget(self, digest: str) -> None:
        """Take in that the server has not got it, whatever it said before."""
        self._sent.discard(digest)

    def put(self, notebook_id: str, body: Json, *, known: str | None, dry_run: bool) -> Json:
        """Write a notebook where the server still has the digest that is known of it.

        known is None for one that it must not have yet.
        """
        condition = {"If-None-Match": "*"} if known is None else {"If-Match": f'"{known}"'}
        return self._json(
            "PUT",
            f"/v1/notebooks/{quote(notebook_id)}",
            content=json.dumps(body).encode(),
            headers=_JSON | condition,
            params={"dryRun": "true"} if dry_run else {},
        )

    def delete(self, notebook_id: str, *, catalog: str, known: str, by_git: bool = False) -> None:
        """Take out what the server still has as it is known."""
        query = {"catalog": catalog} | ({"byGit": "true"} if by_git else {})
        headers = {"If-Match": f'"{known}"'}
        path = f"/v1/notebooks/{quote(notebook_id)}"
        self._ask("DELETE", path, params=query, headers=headers)

    def _found(self, path: str) -> Json | None:
        try:
            return self._json("GET", path)
        except Declined as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    def _json(self, method: str, path: str, **request: Any) -> Json:
        answer: Json = self._ask(method, path, **request).json()
        return answer

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, timeout=_SECONDS, **request)
        except httpx.HTTPError as error:
            raise NoAnswer(f"{self.url} gave no answer: {error}") from error
        if answer.is_success:
            return answer
        try:
            problem = answer.json()
        except ValueError:
            problem = None
        declined = Declined(answer.status_code, problem if isinstance(problem, dict) else {})
        if answer.is_server_error:
            raise NoAnswer(f"{self.url}: {declined}") from declined
        raise declined
