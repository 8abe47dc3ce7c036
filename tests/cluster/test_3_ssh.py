"""A repository is followed over ssh, with the key of a Secret and shared models of its own."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from podbook_cli.app import app
from rig.ipynb import notebook
from tests.cluster import commands, place
from tests.cluster.followed import follow, followed, stands, upgrade
from tests.cluster.installed import Installed
from tests.support import git_server, ssh_server
from tests.support.git_server import Team
from tests.support.ssh_server import SshServer

MODELS = """
from jupyrest.nbschema import ModelCollection, NbSchemaBase

class Customer(NbSchemaBase):
    name: str

models = ModelCollection()
models.add_model("customer", Customer)
"""
# Of nobody here.
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0VtmtmVQaS1SYGp7PzV3zjHKbGR5rKIFF4bUcDnNlS"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    schema = {"properties": {"who": {"$ref": "nbschema://customer"}}, "required": ["who"]}
    team = git_server.team(tmp_path, "typed")
    team.commit(
        files={
            "notebooks/podbook.toml": 'name = "by-ssh"',
            "notebooks/models.py": MODELS,
            "notebooks/typed.ipynb": json.dumps(notebook("1", parameters="who = None")),
            "notebooks/typed.config.json": json.dumps({"input": schema}),
        }
    )
    words = ["render", str(team.folder / "notebooks"), "--lock", "--python", sys.executable]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.stderr
    return team


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    folder = tmp_path / "ssh"
    folder.mkdir()
    sshd = ssh_server.program(place.CACHE / "sshd")
    with ssh_server.serving(folder, host=place.HOST, sshd=sshd) as running:
        yield running
    upgrade()


def test_a_key_of_a_secret_opens_a_repository_of_a_host_that_it_names(
    podbook: Installed, team: Team, server: SshServer
) -> None:
    url = f"{server.url}{team.bare}"
    # The last end of a line is lost in many a Secret.
    secret = {"ssh-privatekey": server.key.rstrip(), "known_hosts": server.known_hosts}
    follow(url, secret)

    followed(podbook, team.commit(files={"README.md": "by ssh"}))

    answer = podbook.http.post("/v1/notebooks/typed/executions", json={"parameters": {"who": {}}})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("/parameters/who")

    follow(url, secret | {"known_hosts": f"{server.known_hosts.split()[0]} {OTHER}\n"})

    def refused() -> bool:
        return any("Host key" in fault["message"] for fault in stands(podbook)["faults"])

    commands.until(refused, "the refusal told", seconds=180)
    assert podbook.http.get("/v1/notebooks/typed").json()["managedBy"] == "git"
