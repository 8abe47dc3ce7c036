"""A pod that its node never admitted ran nothing: another one is no attempt of the user's."""

import pytest

from podbook_crds.ends.reasons import Reason
from podbook_operator.pod.state import ContainerState
from podbook_operator.rules.decide import decide
from tests.support.views import a_pod, a_view, an_execution

ENDED = ContainerState(is_started=True, is_ended=True, exit_code=1)


@pytest.mark.parametrize("reason", ["OutOfcpu", "NodeAffinity", "UnexpectedAdmissionError"])
def test_a_pod_that_its_node_refused_is_made_again_a_few_times_whatever_the_retries(
    reason: str,
) -> None:
    execution, ran = an_execution(retryLimit=0), 0
    while not execution.status.phase.is_final:
        ran += 1
        waits = ContainerState()
        refused = a_pod(
            attempt=ran,
            uid=f"pod-{ran}",
            phase="Failed",
            reason=reason,
            message="2 asked, 1 free",
            kernel=waits,
            runner=waits,
        )
        status = decide(a_view(execution, refused)).status
        assert status is not None
        assert f"{reason}: 2 asked, 1 free" in status.message
        # What the event on the execution says.
        assert status.reason is Reason.START_FAILED
        execution = execution.model_copy(update={"status": status})

    assert ran == 6


def test_a_start_that_failed_on_its_node_counts() -> None:
    failed = a_pod(phase="Failed", kernel=ENDED, runner=ENDED)

    status = decide(a_view(an_execution(retryLimit=0), failed)).status

    assert status is not None
    assert (status.phase.is_final, status.reason) == (True, Reason.START_FAILED)
