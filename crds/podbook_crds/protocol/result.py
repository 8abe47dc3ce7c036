"""What a runner reports, and its form in the pod's termination message.

The writer and the reader stand side by side because they change together.
"""

import json
from typing import Any, Final

from pydantic import Field, JsonValue

from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import Violation
from podbook_crds.names import OUTPUT_ARTIFACT, TERMINATION_LIMIT
from podbook_crds.resources.execution import Artifact, Cells, ExceptionInfo
from podbook_crds.resources.model import MicroTime, Model
from podbook_crds.resources.warning import DETAIL_LIMIT, RunWarning

# Of a termination message that is too long: so many warnings stay, and so much of each.
_FEW: Final = 4
_BRIEF: Final = DETAIL_LIMIT // 4


class LostArtifacts(Model):
    """Files that the notebook left and that are not kept, all for one reason."""

    reason: str = Field(pattern=r"^[A-Za-z]{1,64}$")
    # A sentence without its subject: "have more than 1,073,741,824 bytes together".
    message: str
    count: int = 1
    # Of the first ones, as they can be printed.
    names: list[str] = Field(default_factory=list, max_length=5)


class RunResult(Model):
    """The outcome of one attempt, as the runner saw it."""

    reason: Reason
    message: str = ""
    output: JsonValue = None
    has_output: bool = False
    output_ref: Artifact | None = None
    # Where the output does not fit its contract; also filled where that is only reported.
    violations: list[Violation] = Field(default_factory=list)
    exception: ExceptionInfo | None = None
    artifacts: list[Artifact] = Field(default_factory=list)
    # True where uploads were given up: the outcome stands without them.
    artifacts_lost: bool = False
    lost: list[LostArtifacts] = Field(default_factory=list)
    warnings: list[RunWarning] = Field(default_factory=list)
    cells: Cells = Cells()
    started_at: MicroTime | None = None
    finished_at: MicroTime | None = None
    # Whether the end was asked for from outside (SIGTERM): the operator then knows why.
    interrupted: bool = False

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON form; the output as it is: pydantic loses keys with lone surrogates."""
        wire = super().to_wire()
        return wire if self.output is None else {**wire, "output": self.output}


def encode(result: RunResult) -> str:
    """Return the termination message: at most 4096 bytes, dropping the largest parts first.

    Dropped are, in this order until it fits: the inline output, violations and traceback, most of
    the warnings, the list of artifacts, all warnings, and the ends of the texts. The reason always
    stays.
    """
    for candidate in _shorter_and_shorter(result):
        text = _text(candidate)
        if len(text.encode()) <= TERMINATION_LIMIT:
            return text
    return _text(RunResult(reason=result.reason))


def decode(text: str) -> RunResult | None:
    """Return the result in a termination message, or None where the runner wrote none."""
    try:
        # Not pydantic's own parser: it takes no lone surrogates, which notebooks may print.
        return RunResult.model_validate(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _text(result: RunResult) -> str:
    """Return JSON that is UTF-8; a lone surrogate has none, its backslash form is its escape."""
    text = json.dumps(result.to_wire(), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace").decode()


def _shorter_and_shorter(result: RunResult) -> list[RunResult]:
    exception = result.exception
    brief = exception and exception.model_copy(
        update={"traceback": "", "value": exception.value[:300], "name": exception.name[:100]}
    )
    stored = [a for a in result.artifacts if a.name == OUTPUT_ARTIFACT]
    elsewhere = {"output": None, "output_ref": result.output_ref or next(iter(stored), None)}
    without_output = result.model_copy(update=elsewhere)
    without_details = without_output.model_copy(update={"violations": [], "exception": brief})
    few = without_details.model_copy(update={"warnings": _brief(result.warnings)})
    without_list = few.model_copy(update={"artifacts": []})
    without_warnings = without_list.model_copy(update={"warnings": [], "lost": result.lost[:1]})
    without_text = without_warnings.model_copy(
        update={"message": result.message[:300], "lost": [], "artifacts_lost": _lost_any(result)}
    )
    return [
        result,
        without_output,
        without_details,
        few,
        without_list,
        without_warnings,
        without_text,
    ]


def _brief(warnings: list[RunWarning]) -> list[RunWarning]:
    return [w.model_copy(update={"detail": w.detail[:_BRIEF]}) for w in warnings[:_FEW]]


def _lost_any(result: RunResult) -> bool:
    return result.artifacts_lost or bool(result.lost)
