"""A backup that is restored runs nothing a second time."""

import json
from datetime import timedelta
from typing import Any

import pytest

from podbook_crds import names
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.model import micro_time
from podbook_crds.resources.webhook import Webhook
from podbook_operator.notifications.webhooks.delivery import is_pending
from podbook_operator.rules.copies import RESTORE_LABEL, copied_because
from podbook_operator.rules.decide import decide
from tests.support.views import CREATED, a_pod, a_view, an_execution, running

APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def applied(status: Any) -> Execution:
    file = {"metadata": {"name": "run", "uid": "of-before"}, "spec": {}, "status": status}
    return an_execution(annotations={APPLIED: json.dumps(file)})


def submitted(before: timedelta) -> Execution:
    return an_execution(annotations={names.SUBMITTED_ANNOTATION: micro_time(CREATED - before)})


def labelled(**labels: str) -> Execution:
    return an_execution().model_copy(update={"labels": labels})


def ran_as(uid: str) -> Execution:
    return an_execution(annotations={names.RAN_AS_ANNOTATION: uid})


COPIES = [
    pytest.param(ran_as("of-before"), id="with the mark of another that had ended"),
    pytest.param(applied({"phase": "Succeeded"}), id="applied from a file of what succeeded"),
    pytest.param(applied({"phase": "Failed"}), id="of what failed"),
    pytest.param(applied({"phase": "Running", "attempts": [{}]}), id="of what was running"),
    pytest.param(labelled(**{RESTORE_LABEL: "nightly-2"}), id="restored by Velero"),
    pytest.param(submitted(timedelta(days=2)), id="submitted long before it was made"),
]
ORIGINALS = [
    pytest.param(ran_as(an_execution().uid), id="with its own mark"),
    pytest.param(an_execution(), id="as kubectl create makes it"),
    pytest.param(applied(None), id="applied from a manifest"),
    pytest.param(applied({"phase": "Queued"}), id="applied from a file of what had not begun"),
    pytest.param(an_execution(annotations={APPLIED: "{"}), id="with an annotation that is no JSON"),
    pytest.param(an_execution(annotations={APPLIED: "[" * 100_000}), id="nested without end"),
    pytest.param(an_execution(annotations={APPLIED: "[]"}), id="no object"),
    pytest.param(submitted(timedelta(seconds=2)), id="submitted just before"),
    pytest.param(submitted(timedelta(seconds=-90)), id="by a clock that runs ahead"),
    pytest.param(submitted(timedelta(minutes=5)), id="by a clock that is behind"),
    pytest.param(
        an_execution(annotations={names.SUBMITTED_ANNOTATION: "yesterday"}), id="no moment"
    ),
]


@pytest.mark.parametrize("execution", COPIES)
def test_a_copy_is_not_run(execution: Execution) -> None:
    decision = decide(a_view(execution))

    assert decision.start is None
    assert not decision.wants_slot
    assert decision.status is not None
    assert (decision.status.phase, decision.status.reason) == (Phase.CANCELLED, Reason.RESTORED)
    assert copied_because(execution) in decision.status.message


@pytest.mark.parametrize("execution", ORIGINALS)
def test_an_original_is_run(execution: Execution) -> None:
    assert decide(a_view(execution)).start == 1


def test_a_copy_that_came_with_its_status_goes_on_from_there() -> None:
    update = {"labels": {RESTORE_LABEL: "nightly"}}

    lost = decide(a_view(running().model_copy(update=update))).status

    assert lost is not None
    assert lost.reason is Reason.POD_LOST
    assert decide(a_view(running().model_copy(update=update), a_pod())).status is None


def test_nobody_is_told_of_a_copy() -> None:
    webhook = Webhook(url="https://example.org/ended")
    ended = an_execution(phase=Phase.CANCELLED, reason=Reason.RESTORED, webhook=webhook)

    assert not is_pending(ended)
