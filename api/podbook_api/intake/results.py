"""The result: makes the execution final where the result alone decides it."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from podbook_api.events.pod_logs import PodLogs
from podbook_api.http.large_bodies import AT_ONCE
from podbook_api.http.reading.reader import Reader, Unreadable
from podbook_api.intake.identity import Caller
from podbook_api.intake.status import StatusWriter
from podbook_api.intake.uploads import Uploads
from podbook_api.intake.view import Pod, View, check_claimed, has_claimed, is_ending
from podbook_crds import names
from podbook_crds.bounded_processes.serving import Refusal
from podbook_crds.ends.finish import DECIDED_BY_RESULT, finished
from podbook_crds.ends.reasons import Reason
from podbook_crds.formats import strict_json
from podbook_crds.formats.json_text import compact
from podbook_crds.protocol.intake import ArtifactsMissing, ResultTaken
from podbook_crds.protocol.result import RunResult, decode
from podbook_crds.resources.execution import Execution, ExecutionStatus


class Results:
    """Answers results."""

    def __init__(
        self,
        view: View,
        uploads: Uploads,
        writer: StatusWriter,
        logs: PodLogs,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._view = view
        self._uploads = uploads
        self._writer = writer
        self._logs = logs
        self._now = now

    async def take(self, caller: Caller, result: RunResult) -> ResultTaken | ArtifactsMissing:
        """Take in a result; the same one again, its answer lost, is fine. Raise Gone."""
        pod, execution = await asyncio.gather(self._view.pod(caller), self._view.execution(caller))
        if execution.status.phase.is_final and has_claimed(execution, caller):
            return ResultTaken(final=True)
        if not result.artifacts_lost:
            missing = await self._uploads.missing(caller, result.artifacts)
            if missing:
                return ArtifactsMissing(missing=missing)
        # Meanwhile: when the runner has its answer, it ends, and its pod goes.
        keeping = asyncio.create_task(self._keep_logs(caller, result))
        try:
            return await self._decide(caller, pod, execution, result)
        finally:
            await keeping

    async def _keep_logs(self, caller: Caller, result: RunResult) -> None:
        if result.reason is not Reason.NOTEBOOK_COMPLETED:
            await self._logs.keep(caller.execution_uid, caller.attempt, caller.pod_name)

    async def _decide(
        self, caller: Caller, pod: Pod, execution: Execution, result: RunResult
    ) -> ResultTaken:
        decided = result.reason in DECIDED_BY_RESULT and not result.interrupted
        if not decided or execution.spec.cancel or is_ending(pod):
            return ResultTaken(final=False)
        await self._finish(caller, execution, result)
        return ResultTaken(final=True)

    async def _finish(self, caller: Caller, execution: Execution, result: RunResult) -> None:
        def final(current: Execution) -> ExecutionStatus:
            if current.status.phase.is_final and has_claimed(current, caller):
                return current.status  # The operator was faster, with the same result.
            check_claimed(current, caller)
            return finished(
                current,
                reason=result.reason,
                message=result.message,
                now=self._now(),
                result=result,
            )

        await self._writer.write(caller, execution, final)


async def read(reader: Reader, body: bytes) -> RunResult | None:
    """Return the result in a request's body, None where it is none; raise Busy."""
    if len(body) <= AT_ONCE:
        result = decode(body.decode("utf-8", "replace"))
        return None if result is None else _referred(result)
    with contextlib.suppress(Unreadable):
        return decode((await reader.ask(short, {}, body)).decode())
    return None


def short(_: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return a result as it is written down: without an output that is too large for it."""
    result = decode(parts[0].decode("utf-8", "replace"))
    if result is None:
        raise Refusal("the body is no result")
    return json.dumps(_referred(result).to_wire()).encode()


def _referred(result: RunResult) -> RunResult:
    """Refer to output.json where the value inside the status is not, or not quite, the output."""
    if not result.has_output:
        return result
    too_large = len(compact(result.output)) > names.INLINE_OUTPUT_LIMIT
    if not too_large and strict_json.survives(result.output):
        return result
    kept = [a for a in result.artifacts if a.name == names.OUTPUT_ARTIFACT]
    update = {"output_ref": kept[0] if kept else result.output_ref}
    return result.model_copy(update=update | ({"output": None} if too_large else {}))
