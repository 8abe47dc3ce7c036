"""An execution in a notebook or a log says what it is, and a failed one that it failed."""

import pytest

from podbook.calling.rest import Execution

RUN = {"id": "3f2a", "notebook": "train_long", "reason": "NotebookCompleted", "message": ""}


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ({**RUN, "phase": "Succeeded"}, "<Execution 3f2a train_long Succeeded>"),
        ({**RUN, "phase": "Running", "message": "x"}, "<Execution 3f2a train_long Running>"),
        (
            {**RUN, "phase": "Failed", "reason": "NotebookRaised", "message": "ValueError: no"},
            "<Execution 3f2a train_long Failed (NotebookRaised: ValueError: no)>",
        ),
        (
            {**RUN, "notebook": None, "phase": "Cancelled", "reason": "Cancelled"},
            "<Execution 3f2a inline Cancelled (Cancelled)>",
        ),
    ],
)
def test_it_names_run_notebook_and_phase(view: dict[str, str], shown: str) -> None:
    assert repr(Execution(view)) == shown
