"""A folder on its way to a server, by the commands that people type."""

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from typer.testing import CliRunner, Result

from podbook_catalog.interpreter import Interpreter
from podbook_catalog.pushing.plan import steps
from podbook_catalog.pushing.push import Options, Push
from podbook_catalog.pushing.rest import CatalogServer
from podbook_catalog.snapshot import read_snapshot
from podbook_cli.app import app
from podbook_crds import names
from rig.api import CUSTOM, RunningApi
from rig.embedded import EmbeddedCluster
from rig.ipynb import notebook

PYTHON = Interpreter(Path(sys.executable), Path(sys.prefix), "3", "the tests")
TEXT = {"type": "object", "properties": {"x": {"type": "string"}}}
WHOLE = {"type": "object", "properties": {"x": {"type": "integer"}}}


class Team:
    """A folder, and the commands that are typed in it."""

    def __init__(self, root: Path, api: RunningApi, name: str) -> None:
        self.root, self.api = root, api
        root.mkdir()
        self.write("podbook.toml", f'name = "{name}"')

    def write(self, path: str, content: Any) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content if isinstance(content, str) else json.dumps(content))

    def put(self, name: str, cell: str = "1", **config: Any) -> None:
        self.write(f"{name}.ipynb", notebook(cell))
        self.write(f"{name}.config.json", config)

    def types(self, *words: str, url: bool = True) -> Result:
        """Return what came of a command: in this process, as an interpreter takes a second."""
        named = ("--url", self.api.url) if url else ()
        home = {"HOME": str(self.root), "XDG_CONFIG_HOME": str(self.root / ".config")}
        unset = {"PODBOOK_URL": None, "PODBOOK_CONTEXT": None}
        with contextlib.chdir(self.root):
            return CliRunner().invoke(app, [*words, *named], env={**home, **unset})

    def told(self, *words: str) -> list[str]:
        """Return the lines of a command that succeeds, without what is of this run alone."""
        done = self.types(*words)
        assert done.exit_code == 0, done.stderr
        return [" ".join(line.split()[:2]) for line in done.stdout.splitlines()[1:]]


@pytest.fixture
def team(tmp_path: Path, api: RunningApi, request: pytest.FixtureRequest) -> Team:
    return Team(tmp_path / "team", api, request.node.name[:60].strip("_"))


def served(api: RunningApi, notebook_id: str) -> httpx.Response:
    return api.http.get(f"/v1/notebooks/{notebook_id}")


def test_a_server_becomes_what_the_folder_is(team: Team, api: RunningApi) -> None:
    team.put("first", input=TEXT)
    team.put("reports/second")
    team.write("data/x.csv", "1,2")

    assert team.told("push", "--dry-run") == ["new first", "new reports/second"]
    assert served(api, "first").status_code == 404
    assert team.told("push") == ["new first", "new reports/second"]
    assert team.told("push") == ["unchanged first", "unchanged reports/second"]

    team.put("first", "2", input=TEXT)
    (team.root / "reports/second.ipynb").unlink()
    (team.root / "reports/second.config.json").unlink()
    assert team.told("push") == ["changed first", "left reports/second"]
    assert served(api, "reports/second").status_code == 200
    assert team.told("push", "--prune") == ["unchanged first", "removed reports/second"]
    assert served(api, "reports/second").status_code == 404

    listed = team.types("versions", "first").stdout.splitlines()
    assert [line.split("\t")[0] for line in listed] == ["2", "1"]
    table = team.types("versions", "first", "--format", "table").stdout.splitlines()
    assert [line.split()[0] for line in table] == ["Version", "2", "1"]
    assert max(map(len, table)) <= 80
    as_json = json.loads(team.types("versions", "first", "--format", "json").stdout)
    assert [item["number"] for item in as_json] == [2, 1]
    rows = json.loads(team.types("push", "--format", "json").stdout)
    view = served(api, "first").json()
    assert rows == [
        {
            "id": "first",
            "change": "unchanged",
            "digest": view["digest"],
            "version": view["version"],
            "refused": None,
        }
    ]
    back = team.types("rollback", "first", "--format", "yaml")
    assert yaml.safe_load(back.stdout)["version"] == 3
    items = api.http.get("/v1/versions/first").json()["items"]
    assert [(item["number"], item["rollbackOf"]) for item in items] == [
        *((3, 1), (2, None)),
        (1, None),
    ]


def test_what_breaks_callers_is_shown_and_not_pushed_unless_it_is_meant(
    team: Team, api: RunningApi
) -> None:
    team.put("gated", input=TEXT)
    team.told("push")
    before = served(api, "gated").json()["digest"]
    team.put("gated", input=WHOLE)
    team.put("beside")

    refused = team.types("push")
    assert refused.exit_code == 2
    assert "gated: /input/x: string is not allowed any more" in refused.stderr
    assert 'a call that was valid: {"x": ' in refused.stderr
    assert served(api, "gated").json()["digest"] == before
    assert served(api, "beside").status_code == 404

    asked = team.types("push", "--format", "json")
    assert (asked.exit_code, json.loads(asked.stdout)) == (2, [])
    rows = json.loads(team.types("diff", "server", ".", "--format", "json").stdout)
    assert yaml.safe_load(team.types("diff", "server", ".", "--format", "yaml").stdout) == rows
    assert {row["notebook"]: row["verdict"] for row in rows} == {
        "gated": "breaking",
        "beside": "new",
    }

    compared = team.types("diff", "server", ".", "--format", "markdown")
    assert compared.exit_code == 1
    assert "| `gated` | **breaking** |" in compared.stdout
    assert "| `beside` | new |" in compared.stdout

    assert team.told("push", "--allow-breaking") == ["new beside", "changed gated"]
    assert api.http.get("/v1/versions/gated").json()["items"][0]["verdict"] == "breaking"
    assert team.types("diff", "server", ".").stdout == "no difference\n"


def test_a_folder_that_cannot_all_run_is_not_pushed(team: Team, api: RunningApi) -> None:
    team.put("whole")
    team.write("broken.ipynb", "{")

    refused = team.types("push")

    assert refused.exit_code == 2
    assert "broken.ipynb: the ipynb is no JSON" in refused.stderr
    assert served(api, "whole").status_code == 404


def test_two_teams_share_a_server_and_neither_prunes_the_other(
    team: Team, tmp_path: Path, api: RunningApi
) -> None:
    team.put("ours")
    team.put("both")
    team.told("push")
    other = Team(tmp_path / "other", api, "other-team")
    other.put("theirs")
    other.put("both", "2")

    refused = other.types("push", "--prune")

    assert refused.exit_code == 2
    assert "both" in refused.stderr
    assert "belongs to the catalog" in refused.stderr
    assert "new        theirs" in refused.stdout
    assert [served(api, name).status_code for name in ("ours", "theirs")] == [200, 200]
    assert other.told("push", "--take-over") == ["changed both", "unchanged theirs"]
    assert served(api, "both").json()["catalog"] == "other-team"


def test_nothing_is_written_to_a_server_that_nobody_named(team: Team) -> None:
    team.put("somewhere")

    for words in (("push",), ("rollback", "somewhere")):
        refused = team.types(*words, url=False)
        assert refused.exit_code == 2
        assert "name the server" in refused.stderr


def test_what_is_rendered_is_the_same_each_time_and_the_cluster_takes_it(
    team: Team, cluster: EmbeddedCluster
) -> None:
    team.put("reports/Rendered", input=TEXT)
    team.write("reports/data.csv", "1,2\n")

    inline, again = (team.types("render", url=False) for _ in range(2))
    assert (inline.exit_code, inline.stdout) == (0, again.stdout), inline.stderr
    by_digest = team.types("render")
    assert by_digest.exit_code == 0, by_digest.stderr

    for text in (inline.stdout, by_digest.stdout):
        (resource,) = yaml.safe_load_all(text)
        name = resource["metadata"]["name"]
        path = f"{CUSTOM}/{names.NOTEBOOK_PLURAL}"
        status, answer = cluster.request("POST", path, resource)
        assert status == 201, answer
        cluster.request("DELETE", f"{path}/{name}")
    assert "ServerSideApply=true" in inline.stdout

    team.write("large.bin", "x" * 200_000)
    refused = team.types("render", url=False)
    assert refused.exit_code == 2
    assert "name a server" in refused.stderr


def test_a_push_that_is_killed_leaves_each_notebook_old_or_new_and_is_pushed_again(
    team: Team, api: RunningApi
) -> None:
    for name in ("cut-1", "cut-2"):
        team.put(name)
    team.told("push")
    before = {name: served(api, name).json()["digest"] for name in ("cut-1", "cut-2")}
    for name in before:
        team.put(name, "2")
    snapshot = read_snapshot(team.root, interpreter=PYTHON, environment={}, is_local=False)
    server = CatalogServer(api.http)
    needed = steps(snapshot.entries, server.notebooks(), catalog=snapshot.name)

    cut = Push(snapshot, server, Options()).carry_out(needed)
    assert next(cut).step.id == "cut-1"

    after = {name: served(api, name).json()["digest"] for name in before}
    assert (after["cut-1"] == before["cut-1"], after["cut-2"] == before["cut-2"]) == (False, True)
    assert team.told("push") == ["unchanged cut-1", "changed cut-2"]


def test_a_file_that_changes_while_it_is_pushed_keeps_its_notebook_as_it_was(
    team: Team, api: RunningApi
) -> None:
    team.put("torn")
    team.write("torn.csv", "torn before")
    snapshot = read_snapshot(team.root, interpreter=PYTHON, environment={}, is_local=False)
    server = CatalogServer(api.http)
    team.write("torn.csv", "torn after")
    needed = steps(snapshot.entries, [], catalog=snapshot.name)

    (done,) = Push(snapshot, server, Options()).carry_out(needed)

    assert "torn.csv changed while it was pushed" in done.refused
    assert served(api, "torn").status_code == 404


def test_a_check_for_a_server_says_what_would_not_run_there(
    team: Team, tmp_path: Path, api: RunningApi
) -> None:
    other = Team(tmp_path / "others", api, "check-others")
    other.put("check/theirs")
    other.told("push")
    team.put("check/theirs")
    team.put("check/held", requirements=["six"])
    team.put("check/needs", requirements=["six", "numpy"])
    large = {"resources": {"limits": {"memory": "64Gi"}}}
    team.put("check/large", runtime=large, defaults={"retryLimit": 1})

    assert team.types("check", ".", url=False).exit_code == 0
    done = team.types("check", ".", "--format", "json")

    assert done.exit_code == 1
    faults = {(f["file"], f["pointer"]): f["message"] for f in json.loads(done.stdout)["faults"]}
    assert [*faults] == [
        ("check/large.config.json", "/runtime/resources/limits/memory"),
        ("check/needs.ipynb", ""),
        ("check/theirs.ipynb", ""),
    ]
    large_, needs, theirs = faults.values()
    assert "64Gi is more than the 8Gi that may be asked for here" in large_
    assert "(unlocked:" in needs
    assert "render DIR --dockerfile" in needs
    assert "of the catalog 'check-others' there" in theirs
    lines = team.types("notebooks", "check/theirs").stdout.splitlines()
    assert [line.split("\t")[3] for line in lines] == ["push"]
    assert "Kept by" in team.types("notebooks", "check", "--format", "table").stdout
    away = team.types("check", ".", "--url", "http://127.0.0.1:9", url=False)
    assert (away.exit_code, "gave no answer" in away.stderr) == (3, True)
