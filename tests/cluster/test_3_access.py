"""Who may do what, with real service accounts; and what a cell can reach."""

import json
import ssl
from typing import Any

import httpx
import pytest

from podbook_crds.content import blob_digest, blob_path
from podbook_crds.protocol.intake import BLOBS_PATH, CLAIM_PATH
from rig.ipynb import notebook
from tests.cluster import commands, control_plane, installed, place
from tests.cluster.installation import CALLER
from tests.cluster.installed import (
    RUNS,
    Installed,
    apply,
    get,
    kubectl,
    pods_of,
    service_url,
    token,
)
from tests.support.agents import ERAS, call, text_of, tools

READER = "reader"
STRANGER = "stranger"
POST = ("POST", "/v1/notebooks/plain/executions")
PLAIN = notebook("1")
SLEEP = notebook("import time\ntime.sleep(600)")


@pytest.fixture(scope="module", autouse=True)
def accounts(podbook: Installed) -> None:
    """A reader may look, by the built-in way of RBAC; a stranger has no rights at all."""
    podbook.put("plain", PLAIN)
    podbook.put("sleep", SLEEP)
    for account in (READER, STRANGER):
        control_plane.apply(
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": account, "namespace": RUNS},
            }
        )
    reading = ["--verb=get,list", "--resource=notebooks.podbook.dev,notebookexecutions.podbook.dev"]
    role = kubectl("create", "role", READER, "-n", RUNS, *reading, "--dry-run=client", "-oyaml")
    kubectl("apply", "-f", "-", stdin=role)
    binding = [f"--role={READER}", f"--serviceaccount={RUNS}:{READER}"]
    made = kubectl(
        *("create", "rolebinding", READER, "-n", RUNS, *binding, "--dry-run=client", "-oyaml")
    )
    kubectl("apply", "-f", "-", stdin=made)


def asked(method: str, path: str, *, shown: str | None, url: str = "") -> httpx.Response:
    """Ask with a token, or with none."""
    headers = {"Authorization": f"Bearer {shown}"} if shown else {}
    body: dict[str, Any] = {"json": {"parameters": {}}} if method == "POST" else {}
    return httpx.request(
        method, f"{url or service_url('podbook')}{path}", headers=headers, timeout=30, **body
    )


@pytest.mark.parametrize(
    ("account", "method", "path", "status"),
    [
        pytest.param(None, "GET", "/healthz", 200, id="anyone: is it alive"),
        pytest.param(None, "GET", "/v1/notebooks", 403, id="no token: the catalog"),
        pytest.param(None, *POST, 403, id="no token: run"),
        pytest.param("nonsense", "GET", "/v1/notebooks", 401, id="a false token: the catalog"),
        pytest.param(STRANGER, "GET", "/v1/notebooks", 403, id="stranger: the catalog"),
        pytest.param(STRANGER, "GET", "/openapi.json", 403, id="stranger: the contracts"),
        pytest.param(READER, "GET", "/v1/notebooks", 200, id="reader: the catalog"),
        pytest.param(READER, "GET", "/v1/executions", 200, id="reader: the executions"),
        pytest.param(READER, *POST, 403, id="reader: run"),
        pytest.param(READER, "DELETE", "/v1/executions/x", 403, id="reader: delete"),
        pytest.param(CALLER, *POST, 202, id="caller: run"),
        pytest.param(CALLER, "GET", "/v1/executions", 200, id="caller: the executions"),
        pytest.param(CALLER, "DELETE", "/v1/executions/x", 404, id="caller: delete what is not"),
    ],
)
def test_the_cluster_s_rbac_decides(
    account: str | None, method: str, path: str, status: int
) -> None:
    shown = account if account in (None, "nonsense") else token(account)

    assert asked(method, path, shown=shown).status_code == status


# Account -> (what an agent with its token is shown of these, what it calls, what it is told).
AGENTS: dict[str, tuple[set[str], str, dict[str, Any], str]] = {
    STRANGER: (set(), "list_notebooks", {}, "may not list notebooks"),
    READER: ({"list_notebooks"}, "plain", {}, "may not create notebookexecutions"),
    CALLER: ({"list_notebooks", "run_notebook"}, "plain", {}, "Succeeded in "),
}


@pytest.mark.parametrize("era", ERAS)
def test_so_does_it_what_an_agent_is_shown_and_does(podbook: Installed, era: str) -> None:
    url = service_url("podbook")
    for account, (shown, tool, given, told) in AGENTS.items():
        said = token(account)
        listed = tools(url, era, token=said)
        # With many notebooks none is a tool of its own; it can be called all the same.
        assert {"list_notebooks", "run_notebook"} & set(listed) == shown, account
        assert told in text_of(call(url, era, tool, given, token=said)), account
    # What agents asked for ran as any other run did, and says for whom.
    (newest, *_) = podbook.http.get("/v1/executions?notebook=plain").json()["items"]
    assert (newest["surface"], newest["createdBy"].endswith(CALLER)) == ("mcp", True)


@pytest.fixture(scope="module")
def running() -> tuple[str, str]:
    """A running execution's pod and the token in its runner."""
    apply("NotebookExecution", "holds-a-token", {"notebook": {"name": "sleep"}})
    commands.until(
        lambda: get("nbx", "holds-a-token")["status"]["phase"] == "Running",
        "an execution running",
        seconds=180,
    )
    (pod,) = pods_of("holds-a-token")
    name = pod["metadata"]["name"]
    return name, kubectl("exec", name, "-n", RUNS, "-c", "runner", "--", "cat", "/token/token")


def test_a_runner_s_token_opens_the_intake_for_its_execution(
    podbook: Installed, running: tuple[str, str]
) -> None:
    claimed = asked("POST", CLAIM_PATH, shown=running[1], url=podbook.intake_url)

    assert claimed.status_code == 200
    assert claimed.json()["name"] == "holds-a-token"


def test_a_runner_s_token_opens_the_blobs_of_its_own_job_only(
    podbook: Installed, running: tuple[str, str]
) -> None:
    podbook.post("plain")
    kept = installed.STORE / blob_path(_blob(PLAIN))
    assert kept.exists()

    def fetched(digest: str) -> httpx.Response:
        return asked("GET", f"{BLOBS_PATH}/{digest}", shown=running[1], url=podbook.intake_url)

    assert fetched(_blob(SLEEP)).json() == SLEEP
    assert fetched(_blob(PLAIN)).status_code == 404


def test_a_runner_s_token_opens_nothing_else(running: tuple[str, str]) -> None:
    assert asked("GET", "/v1/notebooks", shown=running[1]).status_code == 401
    pods = f"{place.API_URL}/api/v1/namespaces/{RUNS}/pods"
    refused = httpx.get(pods, headers={"Authorization": f"Bearer {running[1]}"}, verify=_trust())
    assert refused.status_code == 401


@pytest.mark.parametrize("account", [None, CALLER])
def test_the_intake_is_closed_to_everyone_else(podbook: Installed, account: str | None) -> None:
    shown = token(account) if account else None

    answer = asked("POST", CLAIM_PATH, shown=shown, url=podbook.intake_url)

    assert answer.status_code == 401


def test_a_kernel_sees_no_token_and_no_credential(podbook: Installed) -> None:
    looks = """
import os, pathlib
from podbook import save_output
found = [str(p) for p in map(pathlib.Path, ("/token", "/runner", "/var/run/secrets")) if p.exists()]
told = [k for k in os.environ if "TOKEN" in k or "SECRET" in k or "KEY" in k]
others = [p for p in os.listdir("/proc") if p.isdigit()
          and b"podbook-runner" in pathlib.Path(f"/proc/{p}/cmdline").read_bytes()]
save_output({"found": found, "told": told, "others": others})
"""
    podbook.put("looks", notebook(looks))

    assert podbook.post("looks")["output"] == {"found": [], "told": [], "others": []}


def test_a_link_to_the_token_does_not_become_an_artifact(podbook: Installed) -> None:
    plants = """
import os
os.makedirs("artifacts", exist_ok=True)
os.symlink("/token/token", "artifacts/stolen.txt")
os.symlink("/etc/passwd", "artifacts/passwd.txt")
os.symlink("/token", "artifacts/folder")
open("artifacts/honest.txt", "w").write("mine")
"""
    podbook.put("plants", notebook(plants))

    execution = podbook.post("plants")

    names = {artifact["name"] for artifact in execution["artifacts"]}
    assert {name for name in names if name.endswith(".txt")} == {"files/honest.txt"}
    assert "stolen" not in json.dumps(sorted(names))


def test_a_token_is_worth_nothing_once_its_pod_is_gone(
    podbook: Installed, running: tuple[str, str]
) -> None:
    kubectl("delete", "pod", running[0], "-n", RUNS, "--force", "--grace-period=0")

    for method, path in (("POST", CLAIM_PATH), ("GET", f"{BLOBS_PATH}/{_blob(SLEEP)}")):
        answer = asked(method, path, shown=running[1], url=podbook.intake_url)
        assert answer.status_code in (401, 410), (path, answer.text)


def _blob(document: dict[str, Any]) -> str:
    """The digest of a notebook as `Installed.put` writes it."""
    return blob_digest(json.dumps(document).encode())


def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(place.CERTIFICATES / "ca.crt"))
