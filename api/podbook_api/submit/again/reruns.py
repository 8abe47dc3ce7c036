"""Runs an execution once more: with its parameters or edited ones, its version or the present."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from podbook_api.artifacts.pinned_content import Contents
from podbook_api.http.problems import Problem
from podbook_api.submit.again.reuse import Answered
from podbook_api.submit.calls import Request
from podbook_api.submit.submissions import Submissions
from podbook_crds import names
from podbook_crds.resources.execution import Execution

# What a rerun takes over of how the former run was to go; who was to be told of its end was asked
# for once, with a secret of its own.
_TAKEN_OVER = (
    "deadlineSeconds",
    "startTimeoutSeconds",
    "queueTimeoutSeconds",
    "retryLimit",
    "idempotent",
    "ttlSecondsAfterFinished",
    "outputValidation",
    "inputValidation",
    "runtime",
)


class RerunVersion(StrEnum):
    """Which content a rerun is made of: the notebook's as it is now, or what ran before."""

    CURRENT = "current"
    SAME = "same"


def edited(former: Execution, changes: Mapping[str, Any], without: Sequence[str]) -> dict[str, Any]:
    """Return the former parameters with these in their places, and those left out."""
    kept = {k: v for k, v in former.given_parameters.items() if k not in without}
    return {**kept, **changes}


def options(former: Execution) -> dict[str, Any]:
    """Return the fields of the former run's spec that the rerun has as well."""
    wire = former.spec.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
    )
    return {name: wire[name] for name in _TAKEN_OVER if name in wire}


def annotations(former: Execution) -> dict[str, str]:
    """Return what a rerun says of where it comes from."""
    return {names.RERUN_OF_ANNOTATION: former.name}


class Reruns:
    """Submits executions that run another one once more."""

    def __init__(self, submissions: Submissions, contents: Contents) -> None:
        self._submissions = submissions
        self._contents = contents

    async def run(self, former: Execution, request: Request, version: RerunVersion) -> Answered:
        """Create the execution, whatever there is of its like; raise what is wrong with it."""
        reference = former.spec.notebook
        if reference.name is None:
            return await self._submissions.run_inline(await self._text(former), request, None)
        ran = former.status.notebook_digest or reference.digest
        digest = ran if version is RerunVersion.SAME else None
        return await self._submissions.run(former.notebook_id or "", request, pinned=digest)

    async def _text(self, former: Execution) -> str:
        reference = former.spec.notebook
        text = reference.ipynb
        if text is None and reference.blob is not None:
            text = await self._contents.text(reference.blob)
        if text is None:
            detail = f"the notebook that execution {former.name} brought along is not kept any more"
            raise Problem(409, "version-gone", "Its notebook is gone", detail)
        return text
