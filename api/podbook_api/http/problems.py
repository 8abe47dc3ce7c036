"""Turns every error into one answer that says what is wrong and what to do (RFC 9457)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from starlette.responses import Response

from podbook_api.http.large_bodies import BodyTooLarge, ParametersTooLarge
from podbook_crds import errors
from podbook_crds.errors import PodbookError, Violation
from podbook_crds.formats import media_types

MEDIA_TYPE: Final = media_types.PROBLEM
PROBLEM_PREFIX: Final = "urn:podbook:problem:"

# Programs match on these, and generated clients list them: a new one stands here first, and none is
# ever renamed.
Kind = Literal[
    "body-too-large",
    "busy",
    "catalog-not-read",
    "cluster-busy",
    "cluster-refuses",
    "cluster-unavailable",
    "conflict",
    "dry-run-timeout",
    "events-gap",
    "forbidden",
    "foreign-origin",
    "idempotency-key-reused",
    "incomplete",
    "inline-is-off",
    "internal-error",
    "invalid-contract",
    "invalid-notebook",
    "invalid-parameters",
    "invalid-request",
    "issuer-unavailable",
    "keeps-no-pods",
    "limit-exceeded",
    "malformed-encoding",
    "malformed-json",
    "malformed-path",
    "malformed-request",
    "managed-by-git",
    "managed-elsewhere",
    "method-not-allowed",
    "missing-blobs",
    "name-taken",
    "no-dry-run",
    "no-log",
    "no-result",
    "no-ticket-key",
    "no-token",
    "not-bytes",
    "not-json",
    "not-utf-8",
    "notebook-changed",
    "notebook-not-ready",
    "other-catalog",
    "override-not-allowed",
    "parameters-too-large",
    "push-is-off",
    "quota-exceeded",
    "refused",
    "reserved-identity",
    "starting",
    "stopping",
    "store-full",
    "store-unavailable",
    "ticket-refused",
    "too-many-pages",
    "too-many-queued",
    "two-identities",
    "unauthorized",
    "unfinished",
    "unknown-artifact",
    "unknown-encoding",
    "unknown-execution",
    "unknown-host",
    "unknown-notebook",
    "unknown-path",
    "unknown-switch",
    "unknown-version",
    "unproven-proxy",
    "unrenderable-notebook",
    "version-gone",
]
# What only runners are told.
IntakeKind = Literal[
    "artifact-name", "digest", "invalid-events", "invalid-result", "too-large", "unknown-blob"
]


@dataclass(eq=False)
class Problem(PodbookError):
    """An answer that is not what was asked for.

    kind names it for programs, and is never renamed; detail is a sentence for people.
    """

    status: int
    kind: Kind | IntakeKind
    title: str
    detail: str = ""
    violations: list[Violation] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    # More that programs may read, by names of their own (RFC 9457, 3.2).
    members: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.detail or self.title


# Long enough for the cluster to come back, short enough for a person who waits.
RETRY: Final = {"Retry-After": "2"}

# In the words of Kubernetes' admission of a ResourceQuota, which has no reason of its own.
_QUOTA: Final = "exceeded quota"

Translation = Callable[[Any], Problem]

_TRANSLATIONS: Final[dict[type[PodbookError], Translation]] = {
    BodyTooLarge: lambda error: Problem(413, "body-too-large", "The body is too large", str(error)),
    ParametersTooLarge: lambda error: Problem(
        413, "parameters-too-large", "The parameters are too large", str(error)
    ),
    errors.InvalidParameters: lambda error: Problem(
        422,
        "invalid-parameters",
        "The parameters do not fit the notebook's contract",
        str(error),
        violations=error.violations,
    ),
    errors.OverrideNotAllowed: lambda error: Problem(
        422,
        "override-not-allowed",
        "The notebook does not let a call change this",
        str(error),
        violations=error.violations,
    ),
    errors.LimitExceeded: lambda error: Problem(
        422,
        "limit-exceeded",
        "More is asked for than this installation allows",
        str(error),
        violations=error.violations,
    ),
    errors.InvalidContract: lambda error: Problem(
        409, "invalid-contract", "The notebook's own contract cannot be used", str(error)
    ),
    errors.InvalidNotebook: lambda error: Problem(
        422, "invalid-notebook", "This is no notebook", str(error)
    ),
    errors.UnknownNotebook: lambda error: Problem(
        404, "unknown-notebook", "No such notebook", str(error)
    ),
    errors.CatalogNotRead: lambda error: Problem(
        503,
        "catalog-not-read",
        "The catalog is still being read; try again",
        str(error),
        headers=RETRY,
    ),
    errors.NotebookNotReady: lambda error: Problem(
        409, "notebook-not-ready", "The notebook cannot be run as it stands", str(error)
    ),
    errors.UnknownExecution: lambda error: Problem(
        404, "unknown-execution", "No such execution", str(error)
    ),
    errors.UnknownArtifact: lambda error: Problem(
        404, "unknown-artifact", "No such artifact", str(error)
    ),
    errors.Conflict: lambda error: Problem(
        409, "conflict", "It changed while the request was being answered; try again", str(error)
    ),
    errors.ClusterBusy: lambda error: Problem(
        429,
        "cluster-busy",
        "The cluster has too much to do",
        str(error),
        headers={"Retry-After": str(error.retry_after_seconds)},
    ),
    errors.Busy: lambda error: Problem(
        503, "busy", "Too much is asked for at once; try again", str(error), headers=RETRY
    ),
    errors.ClusterUnavailable: lambda error: Problem(
        503,
        "cluster-unavailable",
        "The cluster does not answer; try again",
        str(error),
        headers=RETRY,
    ),
    errors.StoreFull: lambda error: Problem(
        507,
        "store-full",
        "The artifact store has no room left",
        f"{error}; make room where it is kept, or have executions kept for a shorter time",
    ),
    errors.StoreUnavailable: lambda error: Problem(
        503,
        "store-unavailable",
        "The artifact store does not answer; try again",
        str(error),
        headers=RETRY,
    ),
}


def problem_of(error: PodbookError) -> Problem:
    """Return the answer that an error of Podbook's own deserves."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, errors.Refused):
        return _refused(error)
    for kind in type(error).__mro__:
        if kind in _TRANSLATIONS:
            return _TRANSLATIONS[kind](error)
    return Problem(500, "internal-error", "Podbook failed; its log says where")


def starting() -> Problem:
    """Return the answer while the cluster has not been listed: whatever it is, it is not known."""
    detail = "the cluster has not been listed yet; try again in a moment"
    return Problem(503, "starting", "The API is starting", detail, headers=RETRY)


def stopping(what: str) -> Problem:
    """Return the answer to who waits while the process is being stopped."""
    detail = f"the API is being stopped; {what}"
    return Problem(503, "stopping", "The API is being stopped; try again", detail, headers=RETRY)


def document(problem: Problem) -> dict[str, Any]:
    """Return the problem document."""
    body: dict[str, Any] = {
        "type": f"{PROBLEM_PREFIX}{problem.kind}",
        "title": problem.title,
        "status": problem.status,
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.violations:
        body["errors"] = [shown(violation) for violation in problem.violations]
    return {**problem.members, **body}


def shown(violation: Violation) -> dict[str, str]:
    """Return a violation as every answer shows it."""
    entry = {"pointer": violation.pointer, "detail": violation.message}
    return entry | ({"suggestion": violation.suggestion} if violation.suggestion else {})


def response(problem: Problem) -> Response:
    """Return the HTTP answer."""
    # ASCII only: a detail may quote a lone surrogate, which no encoding takes.
    body = json.dumps(document(problem)).encode()
    return Response(
        body, status_code=problem.status, media_type=MEDIA_TYPE, headers=problem.headers
    )


def _refused(error: errors.Refused) -> Problem:
    """What the Kubernetes API refuses this process is not always the caller's fault."""
    if error.status == 403 and _QUOTA in str(error):  # noqa: PLR2004
        # Not 503: this cluster answers well, and nothing but less executions will help.
        return Problem(
            507,
            "quota-exceeded",
            "The namespace's quota has no room for it",
            f"{error}; delete executions that are final, keep them for a shorter time"
            " (ttlSecondsAfterFinished), or have the quota raised",
        )
    if error.status in (403, 404, 409):
        return Problem(
            503,
            "cluster-refuses",
            "The cluster does not take this just now",
            str(error),
            headers=RETRY,
        )
    return Problem(422, "refused", "The cluster refuses this", str(error))
