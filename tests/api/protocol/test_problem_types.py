"""Every error that Podbook raises on purpose says what it is, on every surface."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from podbook_api.http.problems import problem_of
from podbook_api.surfaces import errors as surfaces
from podbook_crds import errors

PATHS = ["/v1/x", "/api/NotebookExecutions", "/api/notebooks/x/execute", "/noteburst/v1/notebooks/"]
QUOTA = 'notebookexecutions "x" is forbidden: exceeded quota: few, requested: 1, limited: 1'
RAISED = [
    (errors.ClusterUnavailable("no answer"), 503, "cluster-unavailable"),
    (errors.ClusterBusy("too much", retry_after_seconds=7), 429, "cluster-busy"),
    (errors.StoreUnavailable("no answer"), 503, "store-unavailable"),
    (errors.StoreFull("no space left"), 507, "store-full"),
    (errors.Refused(QUOTA, status=403, reason="Forbidden"), 507, "quota-exceeded"),
    (errors.Refused("is forbidden", status=403, reason="Forbidden"), 503, "cluster-refuses"),
]


@pytest.mark.parametrize(("error", "status", "kind"), RAISED, ids=lambda v: str(v)[:20])
@pytest.mark.parametrize("path", PATHS)
def test_each_says_which_part_it_is_about(
    path: str, error: errors.PodbookError, status: int, kind: str
) -> None:
    problem = problem_of(error)
    answer = surfaces.response(path, problem)

    assert (problem.status, problem.kind, answer.status_code) == (status, kind, status)
    assert str(error) in json.loads(json.dumps(bytes(answer.body).decode())).replace('\\"', '"')
    assert ("retry-after" in answer.headers) == (status in (429, 503))


def test_no_error_of_podbooks_own_is_called_an_internal_one() -> None:
    arguments: dict[type, Any] = {
        errors.ClusterBusy: lambda: errors.ClusterBusy("x", retry_after_seconds=1),
        errors.InvalidParameters: lambda: errors.InvalidParameters([]),
        errors.LimitExceeded: lambda: errors.LimitExceeded([]),
        errors.OverrideNotAllowed: lambda: errors.OverrideNotAllowed([]),
        errors.Refused: lambda: errors.Refused("x", status=403),
    }
    for kind in _all(errors.PodbookError):
        problem = problem_of(arguments.get(kind, lambda kind=kind: kind("x"))())
        assert problem.kind != "internal-error", kind
        assert problem.title


def _all(parent: type[errors.PodbookError]) -> Iterator[type[errors.PodbookError]]:
    for kind in parent.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield kind
            yield from _all(kind)
