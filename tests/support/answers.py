"""Executions that may answer a call, and the call."""

import uuid
from datetime import UTC, datetime
from typing import Any

from podbook_api.auth.rbac import User
from podbook_api.submit.calls import Request
from podbook_crds import names
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.resources.model import micro_time
from podbook_crds.resources.serving.answers import Cache, Scope

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
SCHEMA: dict[str, Any] = {"properties": {"n": {"type": "integer", "default": 1}}}
SPEC = {"notebook": {"name": "sums", "digest": DIGEST}, "parameters": {"n": 1}}
CACHE = Cache(max_age_seconds=600, failure_max_age_seconds=30)
SHARED = Cache(max_age_seconds=600, scope=Scope.SHARED)
ENDED = {"phase": "Succeeded", "reason": "NotebookCompleted"}


def resource(
    spec: dict[str, Any] | None = None, *, by: str | None = "ada", **fields: Any
) -> dict[str, Any]:
    name = fields.pop("name", str(uuid.uuid4()))
    submitted = {names.SUBMITTED_ANNOTATION: micro_time(fields.pop("submitted", NOW))}
    return {
        "metadata": {
            "namespace": "default",
            "name": name,
            "uid": f"uid-of-{name}",
            "creationTimestamp": "2026-11-28T11:00:00Z",
            "labels": fields.pop("labels", {}),
            "annotations": submitted | ({} if by is None else {names.CREATED_BY_ANNOTATION: by}),
            **fields.pop("metadata", {}),
        },
        "spec": SPEC if spec is None else spec,
        "status": fields,
    }


def other(**changes: Any) -> dict[str, Any]:
    return {**SPEC, **changes}


CALL = Request(surface=Surface.V1, caller=User("ada"))
