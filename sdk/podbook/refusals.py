"""What a call to the REST API raises."""

from http import HTTPStatus
from typing import Any

import httpx

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


def problem_of(response: httpx.Response) -> Json:
    """Return the problem document of a refusal, or its beginning where it is none."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {"detail": response.text[:1000]}
