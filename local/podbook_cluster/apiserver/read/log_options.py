"""What of a container's log a client wants to see."""

from dataclasses import dataclass
from typing import Final

from podbook_cluster.apiserver.serve.requests import Request
from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.terms.errors import Cause, bad_request, invalid
from podbook_cluster.apiserver.terms.resources import Resource

_OPTIONS: Final = Resource("", "v1", "pods", "PodLogOptions")
_BY_TIME: Final = ("timestamps", "sinceSeconds", "sinceTime")
# The least that makes sense of each, and how a real API server says so.
_BOUNDS: Final = {
    "tailLines": (0, "must be greater than or equal to 0"),
    "limitBytes": (1, "must be greater than 0"),
    "sinceSeconds": (1, "must be greater than 0"),
}

TIMELESS: Final = (
    "Podbook's embedded cluster keeps logs as they were written, without times: timestamps,"
    " sinceSeconds and sinceTime change nothing"
)
"""Said to those who ask for times: a real kubelet would know them."""


@dataclass(frozen=True, slots=True)
class LogOptions:
    """A container's name, and how much of its log; None for all."""

    container: str
    follow: bool
    by_time: bool
    tail_lines: int | None
    limit_bytes: int | None

    def cut(self, data: bytes) -> bytes:
        """Return the part of a log that is wanted."""
        if self.tail_lines is not None:
            lines = data.split(b"\n")
            # What follows the last line break is a line only where there is something.
            ended = 0 if lines[-1] else 1
            data = b"\n".join(lines[max(0, len(lines) - ended - self.tail_lines) :])
        return data[: self.limit_bytes]


def read(request: Request, pod: Object) -> LogOptions:
    """Return the options of a request for a pod's log.

    Raises:
        ApiError: 400 for a container that the pod does not have, and for an earlier one: none
            is ever started again here; 422 for a number that makes no sense.

    """
    name = pod["metadata"]["name"]
    numbers = {option: request.number(option) for option in _BOUNDS}
    found = [
        Cause(option, f"Invalid value: {value}: {_BOUNDS[option][1]}")
        for option, value in numbers.items()
        if value is not None and value < _BOUNDS[option][0]
    ]
    if request.query.get("sinceSeconds") and request.query.get("sinceTime"):
        text = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
        found.append(Cause("", text, "FieldValueForbidden"))
    if found:
        raise invalid(_OPTIONS, name, found)
    container = _container(request.query.get("container", ""), pod)
    if request.flag("previous"):
        raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
    return LogOptions(
        container,
        request.flag("follow"),
        any(request.query.get(option, "") not in ("", "false") for option in _BY_TIME),
        numbers["tailLines"],
        numbers["limitBytes"],
    )


def _container(asked: str, pod: Object) -> str:
    pod_name = pod["metadata"]["name"]
    names = [
        item["name"]
        for field in ("containers", "initContainers")
        for item in pod["spec"].get(field) or ()
    ]
    if asked and asked not in names:
        raise bad_request(f"container {asked} is not valid for pod {pod_name}")
    if not asked and len(names) > 1:
        raise bad_request(
            f"a container name must be specified for pod {pod_name}, choose one of:"
            f" [{' '.join(names)}]"
        )
    return asked or names[0]
