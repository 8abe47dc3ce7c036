"""What a pod that the API server refuses means for its execution."""

import pytest

from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import Refused
from podbook_operator.rules.refusals import after_refusal
from tests.support.views import NOW, a_view, an_execution

VIEW = a_view(an_execution())
PODS = "POST /api/v1/namespaces/default/pods"


def test_a_quota_is_waited_for() -> None:
    refused = Refused(f"{PODS}: pods is forbidden: exceeded quota: small", status=403)
    decision = after_refusal(VIEW, refused)

    assert decision is not None
    assert decision.status is not None
    assert (decision.status.phase, decision.status.reason) == ("Queued", Reason.QUOTA_EXCEEDED)
    assert decision.look_again_at is not None
    assert decision.look_again_at > NOW


def test_a_quota_that_stays_full_is_written_once() -> None:
    view = a_view(an_execution(reason=Reason.QUOTA_EXCEEDED))
    decision = after_refusal(view, Refused("exceeded quota: small", status=403))

    assert decision is not None
    assert (decision.status, decision.look_again_at is not None) == (None, True)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        pytest.param(403, 'violates PodSecurity "restricted:latest"', id="Pod Security"),
        pytest.param(422, "spec.containers[0].image: Required value", id="not valid"),
        pytest.param(400, 'admission webhook "x" denied the request', id="a policy engine"),
        pytest.param(403, "ValidatingAdmissionPolicy 'x' denied", id="a policy"),
    ],
)
def test_a_pod_that_the_cluster_will_not_have_is_the_runtimes_fault(
    status: int, message: str
) -> None:
    decision = after_refusal(VIEW, Refused(message, status=status))

    assert decision is not None
    assert decision.status is not None
    assert (decision.status.phase, decision.status.reason) == ("Failed", Reason.INVALID_RUNTIME)
    assert message in decision.status.message


@pytest.mark.parametrize(
    ("status", "message"),
    [
        pytest.param(403, "namespace default is being terminated", id="terminating"),
        pytest.param(404, 'namespaces "default" not found', id="gone"),
    ],
)
def test_in_a_namespace_that_goes_nothing_is_done(status: int, message: str) -> None:
    decision = after_refusal(VIEW, Refused(message, status=status))

    assert decision is not None
    assert decision.status is None


def test_a_lack_of_our_own_rights_is_not_the_executions_fault() -> None:
    refused = Refused('User "operator" cannot create resource "pods"', status=403)

    assert after_refusal(VIEW, refused) is None
