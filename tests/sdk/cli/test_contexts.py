"""Servers have names, in a file that is its user's alone, and one order says which is meant."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from podbook_cli.app import app
from podbook_cli.exits import BadInput
from podbook_cli.servers import contexts
from podbook_cli.servers.contexts import Context, Contexts
from podbook_cli.servers.target import Target
from podbook_cli.servers.which import resolved
from tests.support.typed import run

HOSTS = {name: Context(url=f"http://{name}:1") for name in ("given", "environment", "used")}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    for variable in ("PODBOOK_URL", "PODBOOK_CONTEXT", "PODBOOK_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def test_servers_are_named_used_and_forgotten(home: Path) -> None:
    token = home / "token"
    token.write_text("secret\n")
    added = run(app, "context", "add", "there", "--url", "https://x", "--token-file", str(token))
    assert (added.code, added.out, added.err) == (0, "", "")
    assert run(app, "context", "add", "cluster", "--kube-context", "prod").code == 0
    assert run(app, "context", "use", "there").code == 0

    assert run(app, "context").out == (
        "cluster\tkubeconfig context prod, namespace podbook\t-\t-\nthere\thttps://x\t-\tused\n"
    )
    used = [row["used"] for row in json.loads(run(app, "context", "list", "--format", "json").out)]
    assert used == [False, True]
    file = home / "podbook" / "contexts.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "secret" not in file.read_text()

    assert run(app, "context", "remove", "there").code == 0
    assert run(app, "context", "list").out.startswith("cluster\t")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("use", "no"), "there is no context 'no'; known are: none", id="unknown"),
        pytest.param(("add", "a"), "say where it is", id="nowhere"),
        pytest.param(
            ("add", "a", "--url", "http://x", "--kube-context", "b"), "say where", id="twice"
        ),
        pytest.param(("add", "a", "--url", "x"), "--url x: write http://HOST:PORT", id="no URL"),
        pytest.param(
            ("add", "a", "--url", "http://x", "--namespace", "b"), "--namespace goes", id="no place"
        ),
    ],
)
def test_what_cannot_be_a_context_is_told(home: Path, words: tuple[str, ...], told: str) -> None:
    refused = run(app, "context", *words)

    assert refused.code == 2
    assert told in refused.err


def test_a_file_that_is_broken_is_named_and_stays(home: Path) -> None:
    file = home / "podbook" / "contexts.json"
    file.parent.mkdir()
    file.write_text("{")

    refused = run(app, "context", "add", "a", "--url", "http://x")

    assert (refused.code, str(file) in refused.err) == (2, True)
    assert file.read_text() == "{"


@pytest.mark.parametrize(
    ("options", "environment", "meant"),
    [
        pytest.param({}, {}, "http://used:1", id="what is used, at last"),
        pytest.param({}, {"PODBOOK_CONTEXT": "environment"}, "http://environment:1", id="named"),
        pytest.param(
            {}, {"PODBOOK_CONTEXT": "environment", "PODBOOK_URL": "http://u"}, "http://u", id="URL"
        ),
        pytest.param(
            {"context": "given"}, {"PODBOOK_URL": "http://u"}, "http://given:1", id="an option"
        ),
        pytest.param({"context": "given", "url": "http://o"}, {}, "http://o", id="--url"),
        pytest.param({"directory": Path("/")}, {}, None, id="a folder's server, or none"),
    ],
)
def test_one_order_says_which_server_is_meant(
    home: Path, options: dict[str, Any], environment: dict[str, str], meant: str | None
) -> None:
    environment |= {"XDG_CONFIG_HOME": str(home)}
    contexts.write(contexts.place(environment), Contexts(HOSTS, "used"))
    context = options.pop("context", None)

    found = resolved(Target(**options), context=context, environment=environment)

    assert found.url == meant


def test_a_token_goes_only_where_it_belongs(home: Path) -> None:
    (home / "token").write_text("own\n")
    environment = {"XDG_CONFIG_HOME": str(home), "PODBOOK_TOKEN": "another's"}
    known = {"a": Context(url="http://a", token_file=str(home / "token"))}
    contexts.write(contexts.place(environment), Contexts(known))

    def token(given: str | None) -> str | None:
        target = Target(token=given)
        return resolved(target, context="a", environment=environment).token

    assert [token(None), token("another's"), token("typed")] == ["own", "own", "typed"]
    (home / "token").unlink()
    with pytest.raises(BadInput, match="token cannot be read"):
        token(None)
