"""What a call to the REST API raises."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # It takes a fifth of a second, which who serves would pay to name the errors of who calls.
    import httpx

Json = dict[str, Any]


class PodbookError(Exception):
    """The base of everything that the client raises on purpose."""


class Unreachable(PodbookError):
    """The server gave no answer."""


class ApiError(PodbookError):
    """The server refused; the message is its sentence, with every place that does not fit.

    status is the HTTP status, type names the problem for programs, errors are the places; problem
    is the whole problem document (RFC 9457).
    """

    def __init__(self, status: int, problem: Json) -> None:
        self.status = status
        self.problem = problem
        self.type = str(problem.get("type") or "about:blank")
        self.errors: list[Json] = problem.get("errors") or []
        title = str(problem.get("title") or HTTPStatus(status).phrase)
        places = [f"  {e.get('pointer')}: {said(e)}" for e in self.errors]
        detail = problem.get("detail")
        lines = places or ([f"  {detail}"] if detail and detail != title else [])
        super().__init__("\n".join([title, *lines]))

    @property
    def is_the_callers(self) -> bool:
        """Whether another request would do better; otherwise the same one may, later."""
        too_many = HTTPStatus.TOO_MANY_REQUESTS
        return self.status < HTTPStatus.INTERNAL_SERVER_ERROR and self.status != too_many


def said(place: Json) -> str:
    """Return what an error or a warning says, with what was probably meant."""
    detail, meant = str(place.get("detail")), place.get("suggestion")
    return f"{detail} (did you mean {meant!r}?)" if meant else detail


def problem_of(response: "httpx.Response") -> Json:
    """Return the problem document of a refusal, or its beginning where it is none."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {"detail": response.text[:1000]}


class InvalidParameters(ApiError):
    """The parameters do not fit the notebook's contract; errors has every place."""


class NotFound(ApiError):
    """There is no such notebook, execution or file."""


class Forbidden(ApiError):
    """The caller may not."""


class QueueFull(ApiError):
    """Too much waits already; retry_after is after how many seconds to try again, where known."""

    retry_after: float | None = None


def refused(response: "httpx.Response") -> ApiError:
    """Return what a refusal raises."""
    problem, status = problem_of(response), response.status_code
    kind = str(problem.get("type") or "").rpartition(":")[2]
    if kind == "invalid-parameters":
        return InvalidParameters(status, problem)
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(status, problem)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Forbidden(status, problem)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        full, after = QueueFull(status, problem), response.headers.get("retry-after", "")
        full.retry_after = float(after) if after.isdigit() else None
        return full
    return ApiError(status, problem)
