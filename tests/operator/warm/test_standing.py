"""What a notebook says of the pods that wait for its calls, and when that is written."""

from datetime import timedelta
from typing import Any

import pytest

from podbook_crds import names
from podbook_crds.resources.notebook import Notebook, NotebookStatus
from podbook_crds.resources.serving.warm import Warm
from podbook_operator.warm.plan import Pool, has_failed, plan
from podbook_operator.warm.standing import Hindrance, Standing, standing, warm_condition
from tests.operator.warm.test_warm_plan import waiting
from tests.support.views import NOW, a_notebook, ended, seconds

COMING = waiting(3, is_prepared=None, scheduled_at=NOW)


def pool(*pods: Any, **fields: Any) -> Pool:
    usual = {"warm": Warm(min=2), "start_timeout_seconds": 300, "room": 100, **fields}
    return Pool(key="now", pods=pods, now=NOW, **usual)


@pytest.mark.parametrize(
    ("seen", "met", "says"),
    [
        pytest.param(pool(waiting(1), waiting(2)), {}, (True, "Ready"), id="enough"),
        pytest.param(pool(waiting(1)), {}, None, id="one was given away: nothing flips"),
        pytest.param(pool(waiting(1), COMING), {}, None, id="on its way"),
        pytest.param(pool(warm=Warm()), {}, None, id="none is wanted"),
        pytest.param(
            pool(waiting(1), waiting(2, pool="of before")), {}, None, id="of another version"
        ),
        pytest.param(
            pool(failures=1, failed_at=NOW),
            {"failure": "cell 2: KeyError"},
            (False, "PreparationFailed", "cell 2: KeyError"),
            id="a preparation that failed",
        ),
        pytest.param(
            pool(room=0), {"quota": "full"}, (False, "QuotaExceeded", "full"), id="no quota"
        ),
        pytest.param(pool(room=1), {}, (False, "BudgetExhausted"), id="too few are allowed"),
    ],
)
def test_it_says_whether_enough_wait_and_why_not(
    seen: Pool, met: dict[str, str], says: tuple[Any, ...] | None
) -> None:
    found = standing(seen, plan(seen), Hindrance(**met), generation=1)

    told = None if found is None else (found.is_enough, found.reason, found.message)
    assert (told and told[: len(says or ())]) == says


@pytest.mark.parametrize(
    ("pod", "failed"),
    [
        (waiting(1), False),
        (waiting(1, is_prepared=False), True),
        (waiting(1, is_prepared=None, kernel=ended(), runner=ended(), phase="Failed"), True),
        (waiting(1, is_prepared=None, scheduled_at=NOW - seconds(301)), True),
        (waiting(1, is_prepared=None, scheduled_at=NOW - seconds(9)), False),
        # Let go of before it was prepared: it was of another version, or is wanted no more.
        (waiting(1, is_prepared=None, phase="Failed", deletion_at=NOW), False),
    ],
)
def test_a_pod_that_came_to_nothing_by_itself_has_failed(pod: Any, failed: bool) -> None:
    assert has_failed(pod, pool(pod)) is failed


def written(notebook: Notebook, stands: Standing | None, after: int = 0) -> Notebook:
    conditions = warm_condition(notebook, stands, NOW + seconds(after))
    status = NotebookStatus(conditions=conditions)
    return notebook.model_copy(update={"status": status})


def test_it_is_written_when_it_flips_or_is_of_another_version() -> None:
    notebook = a_notebook(warm=Warm(min=1))
    failed = Standing(False, "PreparationFailed", 1, "cell 2")
    assert written(notebook, None).status.conditions == []
    first = written(notebook, failed)
    (condition,) = first.status.conditions
    assert (condition.type, condition.status) == (names.WARM_CONDITION, "False")

    # Another pod said it in other words; the operator began anew and knows nothing.
    assert written(first, Standing(False, "PreparationFailed", 1, "at 0x7f"), 60) == first
    assert written(first, None, 60) == first
    (newer,) = written(
        first, Standing(False, "PreparationFailed", 2, "cell 3"), 60
    ).status.conditions
    assert (newer.message, newer.last_transition_time) == ("cell 3", NOW)
    (ready,) = written(first, Standing(True, "Ready", 1), 60).status.conditions
    assert (ready.status, ready.last_transition_time) == ("True", NOW + timedelta(seconds=60))


def test_a_notebook_that_keeps_none_says_nothing_of_them() -> None:
    before = written(a_notebook(warm=Warm(min=1)), Standing(True, "Ready", 1))
    plain = a_notebook().model_copy(update={"status": before.status})

    assert warm_condition(plain, Standing(True, "Ready", 1), NOW) == []
