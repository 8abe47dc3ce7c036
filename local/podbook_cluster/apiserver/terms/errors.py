"""What the server refuses, each as the `Status` object a Kubernetes client expects.

ApiError            every refusal: HTTP code, machine-readable reason, message for people
StorageUnusable     the data folder can't be used; the process ends with this sentence
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from podbook_cluster.apiserver.terms.resources import Resource


class StorageUnusable(Exception):
    """The data folder is held by another process, damaged, or its disk is full."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One field that does not fit."""

    field: str
    message: str
    reason: str = "FieldValueInvalid"


class ApiError(Exception):
    """A request that is refused.

    Args:
        code: HTTP status.
        reason: Kubernetes' name for it, such as `NotFound`.
        message: what is wrong, and with what.
        details: the `details` of the Status.
        retry_after: seconds after which another try may help.

    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.retry_after = retry_after

    def status(self) -> dict[str, Any]:
        """Return the Status object."""
        details = self.details
        if self.retry_after is not None:
            details = {**(details or {}), "retryAfterSeconds": self.retry_after}
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            **({"details": details} if details is not None else {}),
            "code": self.code,
        }


def not_found(resource: Resource, name: str) -> ApiError:
    """No object of that name."""
    return ApiError(
        HTTPStatus.NOT_FOUND,
        "NotFound",
        f'{resource.qualified} "{name}" not found',
        details=_details(resource, name),
    )


def no_such_path(path: str = "") -> ApiError:
    """The URL names nothing that this server has."""
    what = f": Podbook's embedded cluster does not serve {path}" if path else ""
    return ApiError(
        HTTPStatus.NOT_FOUND,
        "NotFound",
        f"the server could not find the requested resource{what}",
        # `kubectl debug` reads them, and breaks off where there are none.
        details={},
    )


def already_exists(resource: Resource, name: str) -> ApiError:
    """A POST of a name that is taken."""
    return ApiError(
        HTTPStatus.CONFLICT,
        "AlreadyExists",
        f'{resource.qualified} "{name}" already exists',
        details=_details(resource, name),
    )


def conflict(resource: Resource, name: str, why: str | None = None) -> ApiError:
    """The object is not the one that the caller decided on."""
    why = why or (
        "the object has been modified; please apply your changes to the latest version"
        " and try again"
    )
    return ApiError(
        HTTPStatus.CONFLICT,
        "Conflict",
        f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}',
        details=_details(resource, name),
    )


def invalid(resource: Resource, name: str, causes: Sequence[Cause]) -> ApiError:
    """The object breaks its schema or a rule; one cause per field."""
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    listed = [
        f"{cause.field}: {cause.message}" if cause.field else cause.message for cause in causes
    ]
    text = listed[0] if len(listed) == 1 else f"[{', '.join(listed)}]"
    return ApiError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Invalid",
        f'{kind} "{name}" is invalid: {text}',
        details={
            "name": name,
            **({"group": resource.group} if resource.group else {}),
            "kind": resource.kind,
            "causes": [
                {"reason": cause.reason, "message": cause.message, "field": cause.field}
                for cause in causes
            ],
        },
    )


def forbidden(resource: Resource, name: str, why: str, causes: Sequence[Cause] = ()) -> ApiError:
    """Understood, and not allowed."""
    subject = f'{resource.qualified} "{name}"' if name else resource.qualified
    details = _details(resource, name)
    if causes:
        details["causes"] = [
            {"reason": c.reason, "message": c.message, "field": c.field} for c in causes
        ]
    return ApiError(
        HTTPStatus.FORBIDDEN, "Forbidden", f"{subject} is forbidden: {why}", details=details
    )


def bad_request(message: str) -> ApiError:
    """The request can't be understood."""
    return ApiError(HTTPStatus.BAD_REQUEST, "BadRequest", message)


def invalid_option(options: str, field: str, message: str) -> ApiError:
    """An option of a request that has a wrong value, or does not go with another.

    Args:
        options: what Kubernetes calls the options of that verb, such as `ListOptions`.
        field: the option.
        message: what is wrong with it.

    """
    return ApiError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Invalid",
        f'{options}.meta.k8s.io "" is invalid: {field}: {message}',
        details={
            "group": "meta.k8s.io",
            "kind": options,
            "causes": [{"reason": "FieldValueInvalid", "message": message, "field": field}],
        },
    )


def unprocessable(why: str) -> ApiError:
    """A JSON Patch that can't be applied, a failed `test` among them."""
    return ApiError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Invalid",
        "the server rejected our request due to an error in our request",
        details={"causes": [{"reason": "UnexpectedServerResponse", "message": why}]},
    )


def expired(message: str) -> ApiError:
    """A resourceVersion or continue token older than the kept history."""
    return ApiError(HTTPStatus.GONE, "Expired", message)


def unsupported_media_type(message: str) -> ApiError:
    """A body in a format that this server does not read."""
    return ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message)


def not_acceptable(message: str) -> ApiError:
    """An answer in a format that this server does not write."""
    return ApiError(HTTPStatus.NOT_ACCEPTABLE, "NotAcceptable", message)


def method_not_allowed(what: str) -> ApiError:
    """A verb that the resource does not have."""
    return ApiError(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "MethodNotAllowed",
        f"the server does not allow this method on the requested resource: {what}",
    )


def too_large(limit: int) -> ApiError:
    """More bytes than the server takes."""
    return ApiError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "RequestEntityTooLarge",
        f"Request entity too large: limit is {limit}",
    )


def unauthorized() -> ApiError:
    """No token, or none that this server gave out."""
    return ApiError(HTTPStatus.UNAUTHORIZED, "Unauthorized", "Unauthorized")


def _details(resource: Resource, name: str) -> dict[str, Any]:
    return {
        **({"name": name} if name else {}),
        **({"group": resource.group} if resource.group else {}),
        "kind": resource.plural,
    }
