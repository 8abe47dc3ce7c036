"""The catalog on a real cluster: it follows Git, is pushed by kubeconfig, and YAML is taken."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml
from typer.testing import CliRunner

from podbook_catalog.locked.lock_file import LockedEnvironment
from podbook_cli.app import app
from podbook_cli.servers.contexts import Context
from podbook_cli.servers.forwarded import forwarded
from rig.ipynb import notebook
from tests.cluster import commands, images, place
from tests.cluster.followed import LOADER, follow, followed, stands, upgrade
from tests.cluster.installation import allow
from tests.cluster.installed import (
    NAMESPACE,
    RUNS,
    Installed,
    get,
    kubectl,
    token,
)
from tests.support import git_server
from tests.support.git_server import GitServer, Team

# What stands for what a notebook says it needs.
IMAGE = "localhost/team/environments:dev"
PUSHER = "pusher"


SAVES = "from podbook import save_output\nsave_output({})"


def saves(value: str) -> str:
    return json.dumps(notebook(SAVES.format(repr(value))))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("git")


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[GitServer]:
    # The node is this machine: pods reach it under the node's address.
    with git_server.serving(root, host=place.HOST) as running:
        running.password = "s3cret"
        yield running


@pytest.fixture(scope="module")
def team(root: Path) -> Team:
    team = git_server.team(root, "sales")
    team.commit(files={"notebooks/podbook.toml": 'name = "sales"', "README.md": "ours"})
    return team


@pytest.fixture(scope="module", autouse=True)
def following(podbook: Installed, server: GitServer, needy: "Needy") -> Iterator[None]:
    """Podbook as it follows the team's repository, and takes pushes; as it was afterwards."""
    mapped = f"--set-json=environments={json.dumps({needy.digest: IMAGE})}"
    follow(f"{server.url}/sales.git", {"token": "s3cret"}, mapped)
    yield
    upgrade()


def events() -> list[tuple[str, str]]:
    about = f"involvedObject.name={LOADER}"
    found = json.loads(kubectl("get", "events", "-n", RUNS, "--field-selector", about, "-ojson"))
    return [(event["reason"], event["message"]) for event in found["items"]]


def test_what_is_pushed_to_git_is_served_also_by_force(podbook: Installed, team: Team) -> None:
    followed(podbook, team.commit(files={"notebooks/greets.ipynb": saves("hello")}))
    assert podbook.post("greets")["output"] == "hello"
    shown = podbook.http.get("/v1/notebooks/greets").json()
    assert (shown["managedBy"], shown["catalog"], shown["version"]) == ("git", "sales", 1)

    forced = team.commit(files={"notebooks/greets.ipynb": saves("salut")}, force=True)
    followed(podbook, forced)

    assert podbook.post("greets")["output"] == "salut"
    assert ("Followed", f"{forced[:12]}: 1 changed") in events()


def test_a_broken_commit_changes_nothing_and_is_told(podbook: Installed, team: Team) -> None:
    good = team.commit(files={"notebooks/stays.ipynb": saves("as it was")})
    followed(podbook, good)

    bad = team.commit(files={"notebooks/stays.ipynb": "{", "notebooks/greets.ipynb": None})
    commands.until(lambda: stands(podbook).get("revision") == bad, "it is looked at", seconds=120)

    told = stands(podbook)
    assert told["served"] == good
    assert [fault["notebook"] for fault in told["faults"]] == ["stays"]
    assert podbook.post("stays")["output"] == "as it was"
    assert podbook.http.get("/v1/notebooks/greets").is_success
    status = json.loads(get("configmap", LOADER)["data"]["status.json"])
    assert status["faults"] == told["faults"]
    assert any(reason == "NotAsInGit" and "stays" in message for reason, message in events())
    followed(podbook, team.commit(files={"notebooks/stays.ipynb": saves("mended")}))
    assert podbook.http.get("/v1/notebooks/greets").status_code == 404


def test_credentials_that_do_not_hold_are_told_and_what_is_served_stays(
    podbook: Installed, server: GitServer, team: Team
) -> None:
    server.password = "another"

    def refused() -> bool:
        return any("Authentication failed" in f["message"] for f in stands(podbook)["faults"])

    commands.until(refused, "the refusal told", seconds=120)
    server.password = "s3cret"
    followed(podbook, team.commit(files={"README.md": "ours again"}))
    pod = json.loads(
        kubectl(
            *("get", "pods", "-n", NAMESPACE, "-ojson"),
            *("-l", "app.kubernetes.io/component=catalog"),
        )
    )["items"][0]
    metrics = httpx.get(f"http://{pod['status']['podIP']}:8080/metrics", timeout=10).text
    assert "podbook_catalog_faults 0.0" in metrics
    # It may do this, and nothing else there.
    who = f"--as=system:serviceaccount:{NAMESPACE}:{LOADER}"
    for verb, kind, may in (
        ("delete", "notebooks.podbook.dev", "yes"),
        ("create", "notebookexecutions.podbook.dev", "no"),
        ("get", "secrets", "no"),
        ("patch", "configmaps", "no"),
    ):
        asked = ("auth", "can-i", verb, kind, "-n", RUNS, who)
        assert _can(*asked) == may, (verb, kind)


def _can(*words: str) -> str:
    try:
        return kubectl(*words).strip()
    except commands.CommandFailed:
        return "no"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the home of somebody who may push and forward ports, and no more."""
    home = tmp_path_factory.mktemp("home")
    allow(PUSHER, namespace=RUNS)
    writing = ("--verb=create,update,delete", "--resource=notebooks.podbook.dev")
    forwarding = ("--verb=get,list,create", "--resource=pods,pods/portforward")
    for name, namespace, rules in (
        ("pushes", RUNS, writing),
        ("forwards", NAMESPACE, forwarding),
    ):
        made = ("-n", namespace, "--dry-run=client", "-oyaml")
        kubectl("apply", "-f", "-", stdin=kubectl("create", "role", name, *rules, *made))
        to = (f"--role={name}", f"--serviceaccount={RUNS}:{PUSHER}")
        kubectl("apply", "-f", "-", stdin=kubectl("create", "rolebinding", name, *to, *made))
    config = yaml.safe_load(place.KUBECONFIG.read_text())
    config["users"] = [{"name": "admin", "user": {"token": token(PUSHER)}}]
    config["contexts"] = [
        {"name": "real", "context": {"cluster": config["clusters"][0]["name"], "user": "admin"}}
    ]
    config["current-context"] = "real"
    (home / "kubeconfig").write_text(yaml.safe_dump(config))
    types(home, "context", "add", "real", "--kube-context", "real", "--namespace", NAMESPACE)
    return home


def types(home: Path, *words: str) -> str:
    """Return what a command prints."""
    named = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "KUBECONFIG": str(home / "kubeconfig"),
    }
    unset = {"PODBOOK_URL": None, "PODBOOK_CONTEXT": None}
    done = CliRunner().invoke(app, list(words), env={**named, **unset})
    assert done.exit_code == 0, (words, done.output, done.stderr)
    return done.stdout


def test_a_folder_is_pushed_compared_and_taken_back_by_a_kubeconfig(
    podbook: Installed, home: Path
) -> None:
    folder = home / "ops"
    folder.mkdir()
    (folder / "nightly.ipynb").write_text(saves("one"))
    real = ("--context", "real")

    assert "new        nightly" in types(home, "push", str(folder), *real)
    (folder / "nightly.ipynb").write_text(saves("two"))
    assert "changed    nightly" in types(home, "push", str(folder), *real)
    assert types(home, "diff", "server", str(folder), *real) == "no difference\n"
    assert podbook.post("nightly")["output"] == "two"
    types(home, "rollback", "nightly", *real)
    assert podbook.post("nightly")["output"] == "one"


def test_the_real_api_server_takes_what_is_rendered_and_its_condition_tells_of_it(
    home: Path,
) -> None:
    folder = home / "gitops"
    folder.mkdir()
    (folder / "printed.ipynb").write_text(saves("printed"))

    for printed in (types(home, "render", str(folder)) for _ in range(2)):
        kubectl("apply", "--server-side", "-n", RUNS, "-f", "-", stdin=printed)

    kubectl("wait", "--for=condition=Ready", "nb/printed", "-n", RUNS, "--timeout=120s")
    stands = get("nb", "printed")
    (ready,) = (c for c in stands["status"]["conditions"] if c["type"] == "Ready")
    assert ready["observedGeneration"] == stands["metadata"]["generation"] == 1


@dataclass(frozen=True)
class Needy:
    """A folder with a notebook that needs something, its image's text, and what that is called."""

    folder: Path
    dockerfile: str
    digest: str


@pytest.fixture(scope="module")
def needy(home: Path) -> Needy:
    folder = home / "needy"
    folder.mkdir()
    cells = ('# /// script\n# dependencies = ["six"]\n# ///\nimport six', SAVES.format("six.PY3"))
    (folder / "needs-six.ipynb").write_text(json.dumps(notebook(*cells)))
    printed = types(home, "render", str(folder), "--dockerfile")
    (locked,) = json.loads((folder / "podbook.lock.json").read_text())["environments"]
    digest = LockedEnvironment.model_validate(locked).digest
    assert f'"{digest}": REGISTRY/' in printed
    return Needy(folder, printed, digest)


def test_an_image_of_what_a_notebook_needs_is_written_built_and_run(
    podbook: Installed, home: Path, needy: Needy
) -> None:
    text = needy.dockerfile.replace("podbook/kernel:0.1.0", images.name("kernel"))
    images.of_users(text, name=IMAGE)
    types(home, "push", str(needy.folder), "--context", "real")
    # A kubelet brings a changed configuration to the operator in about a minute.
    kubectl("wait", "-n", RUNS, "nb/needs-six", "--for=condition=Ready", "--timeout=180s")

    assert podbook.post("needs-six")["output"] is True


def test_a_forwarded_port_survives_a_restart_of_the_api(home: Path) -> None:
    environment = {**os.environ, "KUBECONFIG": str(home / "kubeconfig")}
    url, shown = forwarded(Context(kube_context="real", namespace=NAMESPACE), environment)
    headers = {"Authorization": f"Bearer {shown}"}
    with httpx.Client(base_url=url, headers=headers, timeout=90, trust_env=False) as http:
        assert http.get("/v1/notebooks").is_success
        selected = ("-n", NAMESPACE, "-l", "app.kubernetes.io/component=api")

        def pods() -> set[str]:
            shown = "-ojsonpath={.items[*].metadata.name}"
            return set(kubectl("get", "pods", *selected, shown).split())

        before = pods()
        kubectl("delete", "pod", *selected, "--wait=false")
        commands.until(lambda: not before & pods(), "the former pod gone", seconds=120)

        def answers() -> bool:
            try:
                return http.get("/v1/notebooks").is_success
            except httpx.TransportError:
                return False

        commands.until(answers, "the same port leads to the new pod", seconds=120)
