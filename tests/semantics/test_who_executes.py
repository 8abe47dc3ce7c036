"""Who makes an execution needs the verb `execute` for what it runs, beside `create`."""

from collections.abc import Iterator
from typing import Any

import pytest

from podbook_crds import names
from rig.kube_client import Kube
from tests.support.podbook_kinds import an_account, an_execution, in_force

INLINE = {"notebook": {"ipynb": "{}"}}
BLOB = {"notebook": {"blob": f"sha256:{64 * '0'}"}}
DOOR, WINDOW = {"notebook": {"name": "door"}}, {"notebook": {"name": "window"}}
RULES: dict[str, list[dict[str, Any]]] = {
    "none": [],
    "one": [{"verbs": [names.EXECUTE_VERB], "resourceNames": ["door"]}],
    "all": [{"verbs": [names.EXECUTE_VERB]}],
    "everything but": [{"verbs": ["get", "list", "create", "update", "patch", "delete"]}],
}


@pytest.fixture(scope="module")
def executions(kube: Kube) -> Iterator[str]:
    yield from in_force(kube)


@pytest.mark.parametrize(
    ("may", "taken", "refused"),
    [
        pytest.param("none", [], [DOOR, INLINE, BLOB], id="create alone runs nothing"),
        pytest.param("one", [DOOR], [WINDOW, INLINE, BLOB], id="one runs that one"),
        pytest.param("all", [DOOR, WINDOW, INLINE, BLOB], [], id="no name runs all and inline"),
        pytest.param("everything but", [], [DOOR, INLINE], id="who writes notebooks runs none"),
    ],
)
def test_only_what_one_may_execute_is_taken(
    kube: Kube,
    executions: str,
    may: str,
    taken: list[dict[str, Any]],
    refused: list[dict[str, Any]],
) -> None:
    with kube.as_user(_account(kube, executions, RULES[may])) as user:
        for spec in taken:
            assert user.request("POST", executions, an_execution(**spec)).status == 201, spec
        for spec in refused:
            answer = user.request("POST", executions, an_execution(**spec))
            which = spec["notebook"].get("name")
            shown = f"notebook {which}" if which else "a notebook that comes along"
            assert (answer.status, answer.body["reason"]) == (403, "Forbidden"), spec
            assert f"you may not execute {shown} (verb execute on" in answer.body["message"]


def test_who_may_not_execute_it_still_cancels_it(kube: Kube, executions: str) -> None:
    made = kube.create(executions, an_execution(**DOOR)).body["metadata"]["name"]

    with kube.as_user(_account(kube, executions, [])) as user:
        changed = user.patch(f"{executions}/{made}", {"spec": {"cancel": True}})

    assert (changed.status, changed.body["spec"]["cancel"]) == (200, True)


def _account(kube: Kube, executions: str, rules: list[dict[str, Any]]) -> str:
    """Return the token of an account that may write executions, and has the rules on notebooks."""
    writes = {"resources": [names.EXECUTION_PLURAL], "verbs": ["get", "create", "patch"]}
    listed = [{"resources": [names.NOTEBOOK_PLURAL], **rule} for rule in rules]
    # Last, so that what is seen in force says that the others are, too.
    return an_account(
        kube,
        [*listed, writes],
        in_force=lambda user: user.get(f"{executions}/none").status == 404,
    )
