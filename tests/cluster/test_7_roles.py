"""A namespace's members have their part in Podbook by the roles that they have anyway."""

import httpx
import pytest

from rig.ipynb import notebook
from tests.cluster import commands, control_plane
from tests.cluster.installed import RUNS, Installed, kubectl, service_url, token

EDITS = {"get", "list", "create", "update", "delete"}
# Role -> what it lets its holder do with (notebooks, executions); the verbs of REST among them.
ROLES = {
    "view": ({"get", "list"}, {"get", "list"}),
    "podbook-run": ({"get", "list", "execute"}, {"get", "list", "create", "update"}),
    "edit": (EDITS | {"execute"}, EDITS),
    "admin": (EDITS | {"execute"}, EDITS),
    "none": (set[str](), set[str]()),
}
VERBS = ("get", "list", "create", "update", "delete", "attribute", "execute")
RUN = "/v1/notebooks/membership/executions"
CALLS = [
    ("GET", "/v1/notebooks", "list", 0),
    ("GET", "/openapi.json", "list", 0),
    ("GET", "/docs", "list", 0),
    ("GET", "/v1/notebooks/membership", "get", 0),
    ("GET", "/api/notebooks", "list", 0),
    ("GET", "/v1/executions", "list", 1),
    ("GET", "/v1/executions/there-is-none", "get", 1),
    ("GET", "/v1/executions/there-is-none/artifacts/notebook.ipynb", "get", 1),
    ("GET", "/api/notebook_executions/there-is-none", "get", 1),
    ("GET", "/api/NotebookExecutions?executionId=there-is-none", "get", 1),
    ("GET", "/noteburst/v1/notebooks/there-is-none", "get", 1),
    ("POST", "/v1/executions/there-is-none/cancel", "update", 1),
    ("DELETE", "/v1/executions/there-is-none", "delete", 1),
    ("POST", f"{RUN}?dryRun=true", "create", 1),
    ("POST", "/api/notebooks/there-is-none/execute", "create", 1),
]


@pytest.fixture(scope="module", autouse=True)
def members(podbook: Installed) -> None:
    """An account for each role, bound in the namespace of the runs as any member is."""
    podbook.put("membership", notebook("1"))
    for role in ROLES:
        metadata = {"name": f"member-{role}", "namespace": RUNS}
        control_plane.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
        if role == "none":
            continue
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
        subject = {"kind": "ServiceAccount", "name": metadata["name"], "namespace": RUNS}
        control_plane.apply(
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": metadata,
                "roleRef": reference,
                "subjects": [subject],
            }
        )
    # The controller that aggregates takes a moment, and so does the API server's own view.
    commands.until(
        lambda: can("admin", "delete", "notebookexecutions"), "the roles in force", seconds=60
    )


def can(role: str, verb: str, plural: str) -> bool:
    """Ask the cluster whether the member may."""
    account = f"system:serviceaccount:{RUNS}:member-{role}"
    asking = ("auth", "can-i", verb, f"{plural}.podbook.dev", "-n", RUNS, "--as", account)
    try:
        return kubectl(*asking).strip() == "yes"
    except commands.CommandFailed:
        return False


@pytest.mark.parametrize("role", ROLES)
def test_a_member_has_the_rights_of_the_role(role: str) -> None:
    for plural, expected in zip(("notebooks", "notebookexecutions"), ROLES[role], strict=True):
        assert {verb for verb in VERBS if can(role, verb, plural)} == expected, plural


@pytest.mark.parametrize("role", ROLES)
def test_rest_answers_a_member_what_kubectl_would(role: str) -> None:
    shown = {"Authorization": f"Bearer {token(f'member-{role}')}"}
    for method, path, verb, kind in CALLS:
        url = f"{service_url('podbook')}{path}"
        body: dict[str, str] | None = {} if method == "POST" else None
        answer = httpx.request(method, url, headers=shown, timeout=30, json=body)
        may = verb in ROLES[role][kind]
        assert (answer.status_code != 403) == may, (method, path, answer.text)
        control = httpx.request(method, f"{url.partition('?')[0]}%0A", headers=shown, timeout=30)
        assert control.status_code == 400, (method, path)


def test_a_run_names_its_caller_and_nobody_else_can(podbook: Installed) -> None:
    account = f"system:serviceaccount:{RUNS}:member-podbook-run"
    shown = {"Authorization": f"Bearer {token('member-podbook-run')}"}

    made = httpx.post(f"{service_url('podbook')}{RUN}?wait=60", json={}, headers=shown, timeout=90)

    assert (made.json()["phase"], made.json()["createdBy"]) == ("Succeeded", account)
    forging = ("annotate", "nbx", made.json()["id"], "-n", RUNS, "--overwrite")
    member = ("podbook.dev/created-by=root", "--as", f"system:serviceaccount:{RUNS}:member-edit")
    with pytest.raises(commands.CommandFailed, match="written by Podbook's API alone"):
        kubectl(*forging, *member)
