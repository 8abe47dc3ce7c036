"""A folder on a branch is the catalog: what is pushed there is served, what is broken is told."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from podbook_catalog.pushing.following.credentials import Credentials
from podbook_catalog.pushing.following.follower import Follower
from podbook_catalog.pushing.following.one_pass import Rules
from podbook_catalog.pushing.following.repository import Repository
from podbook_catalog.pushing.plan import Change
from podbook_catalog.pushing.rest import CatalogServer
from podbook_crds.protocol.followed_catalog import FollowedCatalog
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from rig.ipynb import notebook
from rig.until import eventually
from tests.support import git_server
from tests.support.git_server import GitServer, Team

TEXT = {"type": "object", "properties": {"x": {"type": "string"}}}
WHOLE = {"type": "object", "properties": {"x": {"type": "integer"}}}


def ipynb(cell: str = "1") -> str:
    return json.dumps(notebook(cell))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("git")


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[GitServer]:
    with git_server.serving(root) as running:
        running.password = "s3cret"
        yield running


@pytest.fixture
def follow(
    root: Path, server: GitServer, api: RunningApi, tmp_path: Path
) -> Callable[..., tuple[Team, Follower]]:
    def made(name: str, *, path: str = "", **rules: Any) -> tuple[Team, Follower]:
        credentials = tmp_path / "credentials"
        credentials.mkdir()
        (credentials / "token").write_text("s3cret")
        repository = Repository(
            f"{server.url}/{name}.git", "main", tmp_path / "git", Credentials(credentials)
        )
        follower = Follower(
            repository,
            path=path,
            server=CatalogServer(api.http),
            rules=Rules(**rules),
            now=lambda: datetime.now(UTC),
        )
        return git_server.team(root, name), follower

    return made


def served(api: RunningApi, notebook_id: str) -> dict[str, Any] | None:
    answer = api.http.get(f"/v1/notebooks/{notebook_id}")
    return answer.json() if answer.is_success else None


def told(stands: FollowedCatalog) -> list[tuple[str | None, str]]:
    return [(each.notebook, each.message) for each in stands.faults]


def test_the_catalog_follows_what_is_pushed_also_by_force(
    follow: Callable[..., tuple[Team, Follower]], api: RunningApi
) -> None:
    team, follower = follow("followed", path="notebooks")
    first = team.commit(
        files={
            "notebooks/podbook.toml": 'name = "followed"',
            "notebooks/git/one.ipynb": ipynb(),
            "notebooks/git/two.ipynb": ipynb("2"),
            "README.md": "not a notebook",
        }
    )

    stands, brought = follower.look()
    assert (stands.revision, stands.served, stands.name) == (first, first, "followed")
    assert brought.changes == {Change.NEW: 2}
    one = served(api, "git/one")
    assert one is not None
    assert (one["managedBy"], one["catalog"]) == ("git", "followed")
    (version,) = api.http.get("/v1/versions/git/one").json()["items"]
    assert version["source"]["commit"] == first
    assert version["source"]["path"] == "notebooks"
    assert follower.look()[1].changes == {Change.UNCHANGED: 2}

    team.commit(files={"notebooks/git/one.ipynb": ipynb("1 + 1"), "notebooks/git/two.ipynb": None})
    assert follower.look()[1].changes == {Change.CHANGED: 1, Change.REMOVED: 1}
    assert served(api, "git/two") is None

    forced = team.commit(files={"notebooks/git/one.ipynb": ipynb("3")}, force=True)
    stands, brought = follower.look()
    assert (stands.served, brought.changes) == (forced, {Change.CHANGED: 1})
    assert api.http.get("/v1/versions/git/one").json()["items"][0]["number"] == 3


def test_what_is_broken_stays_as_it_was_and_is_told(
    follow: Callable[..., tuple[Team, Follower]], api: RunningApi
) -> None:
    team, follower = follow("careless")
    good = team.commit(
        files={
            "podbook.toml": 'name = "careless"',
            "careless-1.ipynb": ipynb(),
            "careless-2.ipynb": ipynb(),
            "gone.ipynb": ipynb(),
        }
    )
    follower.look()
    before = served(api, "careless-1")

    bad = team.commit(
        files={"careless-1.ipynb": "{", "careless-2.ipynb": ipynb("2"), "gone.ipynb": None}
    )
    stands, brought = follower.look()
    assert (stands.revision, stands.served) == (bad, good)
    assert told(stands)[0][0] == "careless-1"
    assert "the ipynb is no JSON" in told(stands)[0][1]
    assert served(api, "careless-1") == before
    assert brought.changes == {Change.CHANGED: 1}
    # Whose config it was cannot be told: nothing is taken out meanwhile.
    assert served(api, "gone") is not None

    for files, said in (
        ({"podbook.toml": "name ="}, "podbook.toml"),
        ({"podbook.toml": 'name = "careless"', "careless-1.ipynb": ipynb("4")}, ""),
    ):
        team.commit(files=files)
        stands, _ = follower.look()
        assert [said in message for _, message in told(stands)] == ([True] if said else [])
    assert served(api, "gone") is None

    team.commit(files={f"careless-{n}.ipynb": None for n in (1, 2)})
    assert "nothing is taken out" in told(follower.look()[0])[0][1]
    assert served(api, "careless-1") is not None


def test_all_or_nothing_and_a_gate_where_that_is_wanted(
    follow: Callable[..., tuple[Team, Follower]], api: RunningApi
) -> None:
    team, follower = follow("strictly", strict=True, allow_breaking=False)
    config = "strict-1.config.json"
    team.commit(
        files={
            "podbook.toml": 'name = "strictly"',
            "strict-1.ipynb": ipynb(),
            config: json.dumps({"input": TEXT}),
            "strict-2.ipynb": ipynb(),
        }
    )
    follower.look()

    team.commit(files={config: "{", "strict-2.ipynb": ipynb("2")})
    assert follower.look()[1].changes == {}

    team.commit(files={config: json.dumps({"input": WHOLE})})
    stands, brought = follower.look()
    assert brought.changes == {Change.CHANGED: 1}
    assert "callers would break" in told(stands)[0][1]
    assert (served(api, "strict-1") or {})["input"] == TEXT


def test_what_kubectl_changed_is_put_back_and_what_others_push_is_refused(
    follow: Callable[..., tuple[Team, Follower]], api: RunningApi, cluster: EmbeddedCluster
) -> None:
    team, follower = follow("owner")
    team.commit(files={"podbook.toml": 'name = "owner"', "owned.ipynb": ipynb()})
    follower.look()
    before = served(api, "owned")
    assert before is not None
    path = f"/apis/podbook.dev/v1alpha1/namespaces/default/notebooks/{before['name']}"
    patch = {"spec": {"title": "by hand"}}
    status, _ = cluster.request("PATCH", path, patch, content_type="application/merge-patch+json")
    assert status == 200

    def put_back() -> bool:
        return follower.look()[1].changes == {Change.CHANGED: 1}

    eventually(put_back, "what was changed by hand is put back")
    assert (served(api, "owned") or {})["title"] == before["title"]
    refused = api.http.put("/v1/notebooks/owned", json={"catalog": "owner", "rollbackTo": 1})
    assert refused.status_code == 409
    assert "owner.git at main" in refused.json()["detail"]


def test_nothing_of_a_repository_is_run_and_no_link_in_it_leads_out(
    follow: Callable[..., tuple[Team, Follower]], api: RunningApi, tmp_path: Path
) -> None:
    team, follower = follow("hostile")
    secret, mark = tmp_path / "token", tmp_path / "ran"
    secret.write_text("of the loader")
    (team.folder / "stolen.csv").symlink_to(secret)
    (team.folder / "inside.csv").symlink_to("data.csv")
    team.commit(
        files={
            "podbook.toml": 'name = "hostile"',
            "data.csv": "1,2",
            "plain.ipynb": ipynb(),
            "models.py": f"open({str(mark)!r}, 'w')",
            "typed.ipynb": ipynb(),
            "typed.config.json": json.dumps({"input": {"$ref": "nbschema://customer"}}),
            ".gitattributes": "*.ipynb filter=evil",
        }
    )

    stands, _ = follower.look()

    assert not mark.exists()
    assert told(stands)[0] == (None, "stolen.csv leads out of the repository: it is left out")
    assert told(stands)[1][0] == "typed"
    assert "nothing of a repository is run" in told(stands)[1][1]
    assert served(api, "plain") is not None


def test_a_repository_that_cannot_be_read_changes_nothing_and_says_why(
    follow: Callable[..., tuple[Team, Follower]], api: RunningApi, server: GitServer, tmp_path: Path
) -> None:
    team, follower = follow("kept", path="notebooks")
    team.commit(files={"notebooks/podbook.toml": 'name = "kept"', "notebooks/kept.ipynb": ipynb()})
    good, _ = follower.look()
    token = tmp_path / "credentials" / "token"

    token.write_text("another")
    refused, _ = follower.look()
    assert "Authentication failed" in refused.faults[0].message
    assert (refused.served, refused.revision) == (good.served, good.revision)
    # A Secret that was renewed holds from the next look on.
    token.write_text("s3cret")
    assert follower.look()[0].faults == []

    server.is_broken = True
    assert "503" in follower.look()[0].faults[0].message
    server.is_broken = False
    team.commit(files={"notebooks/podbook.toml": None, "notebooks/kept.ipynb": None, "x": "y"})
    assert "notebooks is no folder" in follower.look()[0].faults[0].message
    assert served(api, "kept") is not None
