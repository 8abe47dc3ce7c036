"""Hands in the result, artifacts first; the termination message holds it whatever happens."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from podbook_crds.ends.finish import STORE_LOST, UPLOAD_TIMEOUT
from podbook_crds.names import INLINE_OUTPUT_LIMIT, OUTPUT_ARTIFACT
from podbook_crds.protocol.result import RunResult, encode
from podbook_crds.resources.execution import Artifact
from podbook_runner.reporting.artifacts import send
from podbook_runner.reporting.intake import Gone, Intake, Missing, Rejected, Unreachable, Upload
from podbook_runner.reporting.losses import Losses
from podbook_runner.reporting.retries import Until

_log = logging.getLogger(__name__)

# How often the store may lose an artifact that it had taken before the outcome goes without.
REPEATS = 3


_JUDGED = ("reason", "message", "violations", "interrupted")

# Takes the result as it stands without, and returns what it is.
Judge = Callable[[RunResult], RunResult]


@dataclass(frozen=True, slots=True)
class Report:
    """One outcome on its way: to the intake, and into the termination message."""

    intake: Intake
    termination_log: Path

    def write(self, result: RunResult) -> None:
        """Leave the result where the kubelet finds it; in place, for the file may be a mount."""
        self.termination_log.write_bytes(encode(result).encode())

    def deliver(
        self,
        result: RunResult,
        uploads: Sequence[Upload],
        *,
        until: Until,
        judge: Judge | None = None,
    ) -> RunResult:
        """Upload, hand in, and return the result as it was told in the end.

        What is not stored in time is lost, and the result says so. judge says what the result is
        once everything is stored: it may take long.
        """
        # Killed from here on, what happened is known all the same.
        self.write(result.model_copy(update={"artifacts_lost": bool(uploads)}))
        try:
            return self._handed_in(result, uploads, until, judge)
        except Gone as gone:
            _log.info("nobody waits for the result: %s", gone)
        except (Rejected, Unreachable) as error:
            _log.error("the intake did not take the result: %s", error)
        return result

    def _handed_in(
        self, result: RunResult, uploads: Sequence[Upload], until: Until, judge: Judge | None
    ) -> RunResult:
        gone: list[str] = []
        for repeat in range(REPEATS):
            told = self._with_artifacts(result, uploads, until=until)
            if judge is not None:
                self.write(told)
                told, judge = judge(told), None
                result = result.model_copy(update={name: getattr(told, name) for name in _JUDGED})
            if repeat == REPEATS - 1:  # The store keeps losing them: the outcome stands alone.
                told = _without(told, gone)
            self.write(told)
            try:
                self.intake.result(told.to_wire(), until=until)
                break
            except Missing as missing:
                gone = missing.names
                _log.warning("the store lost %s; uploading again", missing)
        return told

    def _with_artifacts(
        self, result: RunResult, uploads: Sequence[Upload], *, until: Until
    ) -> RunResult:
        stored, losses = send(self.intake, uploads, until=until)
        for lost in losses.all():
            _log.error("lost %s: %s", ", ".join(lost.names), lost.message)
        late = any(lost.reason == UPLOAD_TIMEOUT for lost in losses.all())
        update = {
            "artifacts": stored,
            "artifacts_lost": result.artifacts_lost or late,
            "lost": [*result.lost, *losses.all()],
            "output_ref": _reference(stored),
        }
        return result.model_copy(update=update)


def _without(result: RunResult, gone: Sequence[str]) -> RunResult:
    """Return the result without waiting for artifacts that the store lost again and again."""
    losses = Losses()
    for name in gone:
        losses.add(STORE_LOST, "the store took it and lost it again", name)
    lost = [*result.lost, *losses.all()]
    return result.model_copy(update={"artifacts_lost": True, "lost": lost})


def _reference(stored: Sequence[Artifact]) -> Artifact | None:
    """Return the stored output where it is too large to stand in the status itself."""
    for artifact in stored:
        if artifact.name == OUTPUT_ARTIFACT and artifact.size > INLINE_OUTPUT_LIMIT:
            return artifact
    return None
