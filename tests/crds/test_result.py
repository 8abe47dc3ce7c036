"""What a runner reports survives the termination message, shortened where it must be."""

import pytest

from podbook_crds.ends.reasons import Reason
from podbook_crds.names import TERMINATION_LIMIT
from podbook_crds.protocol.result import LostArtifacts, RunResult, decode, encode
from podbook_crds.resources.execution import Artifact, ExceptionInfo
from podbook_crds.resources.warning import WARNINGS_LIMIT, Kind, warn


def test_a_small_result_comes_back_as_it_was() -> None:
    result = RunResult(
        reason=Reason.NOTEBOOK_COMPLETED, output={"a": [1, None]}, has_output=True, message="ok"
    )

    assert decode(encode(result)) == result


def test_a_lone_surrogate_comes_back_as_it_was() -> None:
    result = RunResult(reason=Reason.NOTEBOOK_RAISED, message="\ud800", output={"\udfff": "é"})

    encode(result).encode()
    assert decode(encode(result)) == result


def test_warnings_travel_in_the_message_as_far_as_there_is_room() -> None:
    warnings = [warn(Kind.OUTPUT_CLIPPED, "x" * 400, cell=n) for n in range(WARNINGS_LIMIT)]
    result = RunResult(reason=Reason.NOTEBOOK_COMPLETED, warnings=warnings[:3])

    assert decode(encode(result)) == result
    short = decode(encode(result.model_copy(update={"warnings": warnings})))
    assert short is not None
    assert [w.cell for w in short.warnings] == [0, 1, 2, 3]


def test_a_large_result_fits_and_keeps_its_reason() -> None:
    artifacts = [Artifact(name=f"files/{n}", size=1, digest="sha256:0") for n in range(200)]
    result = RunResult(
        reason=Reason.NOTEBOOK_RAISED,
        message="é" * 5000,
        output="x" * 9000,
        has_output=True,
        exception=ExceptionInfo(name="E" * 9000, value="\U0001f600" * 9000, traceback="t" * 9000),
        artifacts=artifacts,
        warnings=[warn(Kind.OUTPUT_CLIPPED, "w" * 400)] * WARNINGS_LIMIT,
        lost=[LostArtifacts(reason="TooMany", message="m" * 3000, names=["n" * 3000])],
    )

    text = encode(result)

    assert len(text.encode()) <= TERMINATION_LIMIT
    short = decode(text)
    assert short is not None
    assert (short.reason, short.has_output) == (Reason.NOTEBOOK_RAISED, True)
    assert short.artifacts_lost


@pytest.mark.parametrize("letter", ["a", "é", "\U0001f600", "\n", "\ud800"])
@pytest.mark.parametrize("length", range(200, 4200, 250))
def test_no_message_has_more_bytes_than_the_kubelet_reads(letter: str, length: int) -> None:
    result = RunResult(reason=Reason.KERNEL_DIED, message=letter * length)

    text = encode(result)

    assert len(text.encode()) <= TERMINATION_LIMIT
    assert (decoded := decode(text)) is not None
    assert decoded.reason is Reason.KERNEL_DIED


def test_other_text_is_no_result() -> None:
    assert decode("Traceback (most recent call last):") is None
