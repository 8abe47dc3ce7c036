"""With PODBOOK_AUTH=kubernetes the cluster's RBAC decides, by role, verb, surface and name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client

from podbook_crds import names
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from tests.support.agents import ERAS, meet, text_of
from tests.support.agents_rights import AGENTS_OWN, ALWAYS_LISTED, CALLED, LISTED, OWN_RULES
from tests.support.played_issuer import AUDIENCE, PlayedIssuer
from tests.support.role_table import CALLS, ID, MINE, OTHER, ROLES, WRITES, Rules
from tests.support.roles import grant, make_account, token_of

N, E = names.NOTEBOOK_PLURAL, names.EXECUTION_PLURAL
SHOWN = {"X-Podbook-Proxy-Secret": "a shared secret"}
SAID = {"X-Auth-User": "somebody", "X-Auth-Groups": "staff, runners"}
PROXY = {**SHOWN, **SAID}


@pytest.fixture(scope="module")
def api(cluster: EmbeddedCluster, api_folder: Path, issuer: PlayedIssuer) -> Iterator[RunningApi]:
    secret = api_folder / "proxy-secret"
    secret.write_text("a shared secret\n")
    settings = {
        "PODBOOK_FORWARDED_SECRET_FILE": str(secret),
        "PODBOOK_AUTH": "kubernetes",
        "PODBOOK_OIDC_ISSUER": issuer.url,
        "PODBOOK_OIDC_AUDIENCE": AUDIENCE,
        "PODBOOK_OIDC_USERNAME_PREFIX": "sso:",
        "PODBOOK_OIDC_GROUPS_CLAIM": "groups",
        "PODBOOK_OIDC_GROUPS_PREFIX": "sso:",
        "PODBOOK_TRUSTED_PROXIES": "127.0.0.1",
        "PODBOOK_ROOT_PATH": "/podbook",
        "PODBOOK_CATALOG_PUSH": "true",
        "PODBOOK_FORWARDED_USER_HEADER": "X-Auth-User",
        "PODBOOK_FORWARDED_GROUPS_HEADER": "X-Auth-Groups",
        # However many notebooks other tests have left, each is a tool of its own.
        "PODBOOK_MCP_TOOLS": "1000",
    }
    with apis.running(cluster, api_folder, **settings) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def tokens(cluster: EmbeddedCluster, api: RunningApi) -> dict[str, str]:
    """The token of each account; and two executions that are there to be asked for."""
    apis.put_notebook(cluster, "book", id=ID, input={"type": "object"})
    apis.put_notebook(cluster, "rest")
    for name in (MINE, OTHER):
        apis.apply_execution(cluster, name, {"notebook": {"name": "book"}})
        FakeRun(cluster, api, name).succeed()
    for account, rules in ROLES.items():
        make_account(cluster, account, rules)
    grant(cluster, "runners", ROLES["runs"], {"kind": "Group", "name": "runners"})
    grant(cluster, "somebody", [(["list"], N, [])], {"kind": "User", "name": "somebody"})
    return {account: token_of(cluster, account) for account in ROLES}


def ask(api: RunningApi, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    return api.http.request(method, f"/podbook{path}", headers=headers, json=_body(method, path))


def _body(method: str, path: str) -> Any:
    if method != "POST" or path.endswith("/cancel"):
        return None
    if path.endswith("/tickets"):
        return {"artifact": "notebook.ipynb"}
    if path.partition("?")[0] in (
        "/v1/executions",
        "/noteburst/v1/notebooks",
        "/noteburst/v1/notebooks/",
    ):
        return {"ipynb": apis.HELLO}
    # This one waits for the end of what it runs: so it runs nothing.
    return {"notebook": "no-such"} if path == "/api/NotebookExecutions" else {}


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_call_is_answered_to_whom_the_cluster_allows_it(
    api: RunningApi, tokens: dict[str, str], method: str, path: str
) -> None:
    for account, token in tokens.items():
        may = account in CALLS[method, path] | {"does-everything"}
        answer = ask(api, method, path, {"Authorization": f"Bearer {token}"})

        assert (answer.status_code != 403) == may, (account, answer.text)
        # What a query says that the route does not know is refused, to whoever may ask it.
        fine = {200, 201, 202, 204, 403, 404} | ({400} if "name=mine" in path else set())
        assert answer.status_code in fine, (account, answer.text)


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_the_catalog_is_written_by_whom_the_cluster_allows_it(
    api: RunningApi, tokens: dict[str, str], method: str, path: str
) -> None:
    for account, token in tokens.items():
        may = account in WRITES[method, path] | {"does-everything"}
        answer = ask(api, method, path, {"Authorization": f"Bearer {token}"})

        assert (answer.status_code != 403) == may, (account, answer.text)


def alone_and_with_mine(cluster: EmbeddedCluster, what: str, rules: Rules) -> dict[str, str]:
    """Return tokens of who has those rights alone, and of who may get one execution besides."""
    roles = {f"{what}-alone": rules, f"{what}-and-one": [*rules, (["get"], E, [MINE])]}
    for account, allowed in roles.items():
        make_account(cluster, account, allowed)
    return {account: token_of(cluster, account) for account in roles}


def test_what_a_pod_wrote_is_read_by_whom_the_cluster_lets_read_logs_and_the_run(
    cluster: EmbeddedCluster, api: RunningApi, tokens: dict[str, str]
) -> None:
    readers = tokens | alone_and_with_mine(cluster, "logs", [(["get"], "pods/log", [])])
    for path in (f"/v1/executions/{MINE}/log", f"/v1/executions/{OTHER}/log?container=runner"):
        for account, token in readers.items():
            answer = ask(api, "GET", path, {"Authorization": f"Bearer {token}"})
            may = account == "logs-and-one" and path.startswith(f"/v1/executions/{MINE}")
            # There is no such log: its pod was played.
            assert answer.status_code == (404 if may else 403), (account, path, answer.text)
    headers = {"Authorization": f"Bearer {readers['logs-and-one']}"}
    assert ask(api, "GET", "/v1/session", headers).json()["rights"]["logs"] == ["get"]


def test_what_the_cluster_tells_of_a_pod_is_read_by_whom_it_lets_list_events_and_read_the_run(
    cluster: EmbeddedCluster, api: RunningApi, tokens: dict[str, str]
) -> None:
    readers = tokens | alone_and_with_mine(cluster, "events", [(["list"], "events", [])])
    for name in (MINE, OTHER):
        for account, token in readers.items():
            headers = {"Authorization": f"Bearer {token}"}
            answer = ask(api, "GET", f"/v1/executions/{name}/pod-events", headers)
            may = account == "events-and-one" and name == MINE
            # Whoever may delete it may have done so before.
            assert (answer.status_code != 403) == may, (account, name, answer.text)
    headers = {"Authorization": f"Bearer {readers['events-and-one']}"}
    assert ask(api, "GET", "/v1/session", headers).json()["rights"]["events"] == ["list"]


def test_who_may_change_notebooks_may_not_make_one(api: RunningApi, tokens: dict[str, str]) -> None:
    made, body = {}, {"catalog": "x", "spec": {"source": {"blob": f"sha256:{64 * '0'}"}}}
    for account in ("changes-notebooks", "makes-and-changes"):
        headers = {"Authorization": f"Bearer {tokens[account]}"}
        made[account] = api.http.put(
            "/podbook/v1/notebooks/made-by-nobody", json=body, headers=headers
        )

    assert made["changes-notebooks"].status_code == 403
    # It may: what it lacks is the blob.
    assert made["makes-and-changes"].json()["missing"] == [f"sha256:{64 * '0'}"]


def test_a_made_up_ticket_opens_nothing_and_stands_for_no_right(
    api: RunningApi, tokens: dict[str, str]
) -> None:
    """Where tickets are taken at all it is the ticket that is refused, whoever shows it."""
    for method, path in CALLS:
        for ticket in ("", "x", "A" * 54, "x&ticket=y", "%00"):
            asked = f"{path}{'&' if '?' in path else '?'}ticket={ticket}"
            for headers in ({}, {"Authorization": f"Bearer {tokens['nothing']}"}):
                answer = ask(api, method, asked, headers)
                # Said twice it is no ticket, for whichever reason it is refused.
                assert answer.status_code in (400, 403, 404), (asked, answer.text)
                assert answer.status_code == 403 or "/artifacts/" in path, asked


def test_who_shows_no_token_or_a_false_one_gets_nothing(
    api: RunningApi, tokens: dict[str, str]
) -> None:
    for method, path in CALLS:
        anonymous = ask(api, method, path, {})
        assert anonymous.status_code == 403, path
        assert method == "HEAD" or "system:anonymous" in anonymous.text
        for authorization in ("Bearer no", "Bearer", "Basic Og==", "Bearer a b"):
            stranger = ask(api, method, path, {"Authorization": authorization})
            assert stranger.status_code == 401, (path, authorization)
    for path in ("/healthz", "/readyz"):
        assert api.http.get(f"/podbook{path}").status_code == 200


@pytest.fixture(scope="module")
def agents(cluster: EmbeddedCluster, tokens: dict[str, str]) -> dict[str, str]:
    make_account(cluster, AGENTS_OWN, OWN_RULES)
    return {**tokens, AGENTS_OWN: token_of(cluster, AGENTS_OWN)}


@pytest.mark.parametrize("era", ERAS)
def test_an_agent_sees_and_does_what_its_token_may(
    api: RunningApi, agents: dict[str, str], era: str
) -> None:
    server = f"{api.url}/podbook"

    async def names_of(client: Client) -> list[str]:
        return [tool.name for tool in (await client.list_tools()).tools]

    # Other files of tests put notebooks of theirs into this cluster.
    known = {*ALWAYS_LISTED, *(name for more in LISTED.values() for name in more)}
    for account, more in LISTED.items():
        found = meet(server, era, names_of, token=agents[account])
        assert len(found) == len(set(found))
        assert sorted(known & set(found)) == sorted({*ALWAYS_LISTED, *more})

    for account, tool, given, refused in CALLED:

        async def call(client: Client, tool: str = tool, given: dict[str, Any] = given) -> Any:
            await client.list_tools()
            return await client.call_tool(tool, given)

        said = text_of(meet(server, era, call, token=agents[account]))
        assert refused in said if refused else "may not" not in said, (account, tool, said)


def test_who_has_a_token_of_another_issuer_has_the_rights_of_that_name_and_groups(
    cluster: EmbeddedCluster, api: RunningApi, issuer: PlayedIssuer
) -> None:
    grant(cluster, "sso-runners", ROLES["runs"], {"kind": "Group", "name": "sso:runners"})
    grant(cluster, "sso-ann", [(["list"], N, [])], {"kind": "User", "name": "sso:ann"})
    shown = {"Authorization": f"Bearer {issuer.token(groups=['runners'])}"}
    alone = {"Authorization": f"Bearer {issuer.token()}"}
    stale = {"Authorization": f"Bearer {issuer.token(exp=1)}"}

    assert ask(api, "POST", "/noteburst/v1/notebooks/", shown).status_code == 202
    for path, headers, status in (
        ("/v1/notebooks", shown, 200),
        ("/v1/notebooks", alone, 200),
        ("/v1/executions", shown, 403),
        ("/v1/notebooks", stale, 401),
    ):
        assert ask(api, "GET", path, headers).status_code == status, (path, headers)
    assert ask(api, "POST", "/noteburst/v1/notebooks/", alone).status_code == 403


class TestBehindAProxyThatSaysWhoCalls:
    """It is believed in the headers that are configured, and of nobody who is the cluster's own."""

    def test_its_users_have_the_rights_of_their_name_and_their_groups(
        self, api: RunningApi
    ) -> None:
        told = {**PROXY, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "books.example"}

        made = ask(api, "POST", "/noteburst/v1/notebooks/", told)

        assert made.status_code == 202, made.text
        start = "https://books.example/podbook/noteburst/v1/notebooks/"
        assert made.headers["Location"].startswith(start)
        assert ask(api, "GET", "/v1/notebooks", PROXY).status_code == 200
        assert ask(api, "GET", "/v1/executions", PROXY).status_code == 403

    @pytest.mark.parametrize(
        "told",
        [
            {"X-Auth-User": "somebody", "X-Auth-Groups": "system:masters"},
            {"X-Auth-User": "somebody", "X-Auth-Groups": "staff,  system:authenticated"},
            {"X-Auth-User": "system:admin"},
            {"X-Auth-User": "system:serviceaccount:default:does-everything"},
            {"X-Auth-User": "system:anonymous"},
        ],
    )
    def test_nobody_of_the_cluster_s_own_is_believed(
        self, api: RunningApi, told: dict[str, str]
    ) -> None:
        answer = ask(api, "GET", "/v1/notebooks", {**SHOWN, **told})

        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:podbook:problem:reserved-identity"
        assert "system:" in answer.json()["detail"]

    def test_a_header_that_is_not_configured_says_nothing(self, api: RunningApi) -> None:
        told = {"X-Forwarded-User": "somebody", "X-Forwarded-Groups": "runners"}
        answer = ask(api, "GET", "/v1/notebooks", told)
        assert (answer.status_code, "system:anonymous" in answer.text) == (403, True)
        for others in (
            {"X-Auth-User": "unknown", "X-Forwarded-Groups": "runners"},
            {"X-Auth-Groups": "runners"},
        ):
            assert ask(api, "POST", "/v1/executions", {**SHOWN, **others}).status_code == 403

    def test_a_client_s_header_beside_the_proxy_s_is_refused(self, api: RunningApi) -> None:
        for name in SAID:
            headers = [*PROXY.items(), (name, "runners")]
            answer = api.http.get("/podbook/v1/notebooks", headers=headers)
            shown = (answer.status_code, answer.json()["title"])
            assert shown == (400, "Who calls is said twice")

    def test_only_who_shows_the_secret_may_say_who_calls(self, api: RunningApi) -> None:
        for shown in ({}, {"X-Podbook-Proxy-Secret": "a guess"}, {"X-Podbook-Proxy-Secret": ""}):
            answer = ask(api, "GET", "/v1/notebooks", {**SAID, **shown})
            assert (answer.status_code, answer.json()["title"][:7]) == (403, "Who say")
            assert "PODBOOK_FORWARDED_SECRET_FILE" in answer.json()["detail"]
        twice = [*PROXY.items(), *SHOWN.items()]
        assert api.http.get("/podbook/v1/notebooks", headers=twice).status_code == 403
        assert ask(api, "GET", "/v1/notebooks", PROXY).status_code == 200
