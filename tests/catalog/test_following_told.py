"""How a followed catalog stands is told where people look; credentials that cannot do are named."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from podbook_catalog.pushing.following.credentials import Credentials, NoCredentials
from podbook_catalog.pushing.following.follower import Follower
from podbook_catalog.pushing.following.one_pass import Brought, Rules
from podbook_catalog.pushing.following.probes import Probes
from podbook_catalog.pushing.following.repository import Repository
from podbook_catalog.pushing.following.telling import Teller, event
from podbook_catalog.pushing.plan import Change
from podbook_catalog.pushing.rest import CatalogServer
from podbook_crds.protocol.followed_catalog import FollowedCatalog, fault
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from tests.support import git_server

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.mark.parametrize(
    ("url", "keys", "said"),
    [
        pytest.param("https://me:secret@git.example/x", [], "no password", id="in the URL"),
        pytest.param("git@git.example:x", ["known_hosts"], "ssh-privatekey", id="ssh, no key"),
        pytest.param("ssh://git@x/y", ["ssh-privatekey"], "known_hosts", id="ssh, any host"),
        pytest.param("https://git.example/x", ["username"], "no password", id="half a login"),
    ],
)
def test_credentials_that_cannot_be_enough_are_named(
    tmp_path: Path, url: str, keys: list[str], said: str
) -> None:
    for key in keys:
        (tmp_path / key).write_text("x")

    with pytest.raises(NoCredentials, match=said):
        Credentials(tmp_path).check(url)


def test_a_key_of_the_secret_is_shown_only_to_hosts_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In the place of ssh: notes how it was called, and does what it was asked to do there.
    programs, secret = tmp_path / "bin", tmp_path / "secret"
    for folder in (programs, secret):
        folder.mkdir()
    (programs / "ssh").write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/called\nfor last; do :; done\nexec sh -c "$last"\n'
    )
    (programs / "ssh").chmod(0o700)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    (secret / "ssh-privatekey").write_text("key\n")
    (secret / "known_hosts").write_text("git.example ssh-ed25519 x")
    team = git_server.team(tmp_path, "by-ssh")
    commit = team.commit(files={"one.ipynb": "{}"})
    url = f"ssh://git@git.example{team.bare}"

    assert Repository(url, "main", tmp_path / "git", Credentials(secret)).fetch() == commit

    called = (tmp_path / "called").read_text()
    for option in (
        *(f"-i {secret}/ssh-privatekey", f"UserKnownHostsFile={secret}/known_hosts"),
        *("StrictHostKeyChecking=yes", "IdentitiesOnly=yes", "-F /dev/null"),
    ):
        assert option in called

    # As it comes out of `--from-literal`, or of an editor on Windows; ssh takes neither.
    for text in ("the\nkey", "the\r\nkey\r\n"):
        (secret / "ssh-privatekey").write_text(text, newline="")
        Repository(url, "main", tmp_path / "git", Credentials(secret)).fetch()
        assert f"-i {tmp_path}/git/key" in (tmp_path / "called").read_text()
        assert (tmp_path / "git" / "key").read_bytes() == b"the\nkey\n"
        assert (tmp_path / "git" / "key").stat().st_mode & 0o077 == 0


def test_how_it_stands_is_told_in_the_cluster_by_the_api_and_by_events(
    api: RunningApi, cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    name = "podbook-catalog"
    assert api.http.get("/v1/catalog").json()["git"] is None
    cluster.request("POST", CONFIG_MAPS, {"metadata": {"name": name}})
    teller = Teller("default", name, cluster.kubeconfig)
    stands = FollowedCatalog(
        **{"name": "told", "repository": "https://git.example/x", "ref": "main"},
        **{"revision": "a" * 40, "served": "b" * 40, "checked_at": datetime.now(UTC)},
        faults=[fault("the ipynb is no JSON", "broken")],
    )

    teller.tell(stands, Brought(changes={Change.NEW: 2}))

    told = api.http.get("/v1/catalog").json()["git"]
    assert (told["revision"], told["served"]) == ("a" * 40, "b" * 40)
    assert told["faults"] == [{"notebook": "broken", "message": "the ipynb is no JSON"}]
    _, events = cluster.request("GET", "/api/v1/namespaces/default/events")
    (said,) = (e for e in events["items"] if e["involvedObject"]["name"] == name)
    assert (said["type"], said["reason"]) == ("Warning", "NotAsInGit")
    assert said["message"] == f"{'a' * 12}: broken: the ipynb is no JSON"
    # Another process goes on from there, where it follows the same.
    recalled = Teller("default", name, cluster.kubeconfig).recall()
    for ref, served in (("main", "b" * 40), ("other", None)):
        repository = Repository("https://git.example/x", ref, tmp_path, Credentials())
        follower = Follower(
            repository,
            path="",
            server=CatalogServer(api.http),
            rules=Rules(),
            now=lambda: datetime.now(UTC),
        )
        follower.go_on_from(recalled)
        assert (follower.stands and follower.stands.served) == served


def test_each_thing_that_happens_is_told_once() -> None:
    at = datetime.now(UTC)
    whole = FollowedCatalog(repository="r", ref="main", revision="c" * 40, checked_at=at)
    faulty = whole.model_copy(update={"faults": [fault("broken")]})
    changed, same = Brought(changes={Change.CHANGED: 1}), Brought(changes={Change.UNCHANGED: 1})

    def reason(*passed: Any) -> str | None:
        found = event(*passed)
        return found and found[1]

    assert reason(None, whole, changed) == "Followed"
    assert reason(whole, whole, same) is None
    assert reason(whole, whole, changed) == "PutBack"
    assert reason(whole, faulty, same) == "NotAsInGit"
    assert reason(faulty, faulty, same) is None
    assert reason(faulty, whole, same) == "Followed"


def test_the_loader_says_that_it_has_looked_and_what_came_of_it() -> None:
    probes = Probes(interval=60)
    assert [probes.answer(path)[0] for path in ("/healthz", "/readyz", "/x")] == [200, 503, 404]

    stands = FollowedCatalog(repository="r", ref="main", checked_at=datetime.now(UTC))
    probes.ends(stands.model_copy(update={"faults": [fault("one"), fault("two")]}))
    probes.ends(stands)

    assert probes.answer("/readyz")[0] == 200
    told = probes.answer("/metrics")[1].decode()
    assert "podbook_catalog_faults 0.0" in told
    assert 'podbook_catalog_passes_total{outcome="faulty"} 1.0' in told
