"""Clients that others' generators make of the document run notebooks and read typed output."""

import importlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support.odd_contracts import CONTRACTS

TYPESCRIPT = Path(__file__).parents[2] / "support/typescript"
PYTHON = "a_client_made_of_the_document"
PATH = "/v1/notebooks/made%20for/typed/executions"
OUTPUT = {"total": 3, "made": {"foo": "x", "child": {"foo": "y"}}}


@pytest.fixture(scope="module")
def folder(
    cluster: EmbeddedCluster, api: RunningApi, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Where the whole document stands, with the contracts of all notebooks that there are."""
    for number, (notebook_id, contract) in enumerate(CONTRACTS.items()):
        apis.put_notebook(cluster, f"made-{number}", id=notebook_id, **contract)
    eventually(lambda: api.http.get("/v1/notebooks/execution").is_success, "all are served")
    found = tmp_path_factory.mktemp("made")
    (found / "openapi.json").write_bytes(api.http.get("/openapi.json").content)
    return found


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where Python finds the generators, which fit into no environment of ours."""
    found = tmp_path_factory.mktemp("tools")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    lock = Path(__file__).parents[2] / "support/generators.lock"
    into = ("--no-deps", "--no-compile", "--require-hashes", "--target", str(found))
    run(*pip, *into, "-r", str(lock), cwd=found)
    return {**os.environ, "PYTHONPATH": str(found)}


def run(*command: str, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a tool that has nothing to complain of."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "warning" not in said.lower(), said
    return done.stdout


@contextmanager
def played(cluster: EmbeddedCluster, api: RunningApi) -> Iterator[None]:
    """Let the next run of the notebook succeed."""

    def play() -> None:
        query = {"notebook": "made for/typed", "phase": "Queued"}
        found = eventually(
            lambda: api.http.get("/v1/executions", params=query).json()["items"], "it was asked for"
        )
        FakeRun(cluster, api, found[0]["id"]).succeed(OUTPUT)

    thread = threading.Thread(target=play)
    thread.start()
    yield
    thread.join()


def test_a_python_client_reads_typed_output(
    folder: Path,
    tools: dict[str, str],
    cluster: EmbeddedCluster,
    api: RunningApi,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (folder / "settings.yaml").write_text("post_hooks: []\n")
    tool = (sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none")
    made = ("--path", "openapi.json", "--output-path", PYTHON, "--config", "settings.yaml")
    run(*tool, "--fail-on-warning", *made, cwd=folder, env=tools)
    monkeypatch.syspath_prepend(str(folder))
    operation = json.loads((folder / "openapi.json").read_text())["paths"][PATH]["post"]
    call: Any = importlib.import_module(f"{PYTHON}.api.made_for.{operation['operationId']}")
    client: Any = importlib.import_module(PYTHON)
    models: Any = importlib.import_module(f"{PYTHON}.models")
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    request = getattr(models, reference.rpartition("/")[2])

    with played(cluster, api), client.Client(api.url, timeout=60.0) as http:
        body = request.from_dict({"parameters": {"objects": [{"foo": "a"}]}})
        found = call.sync(client=http, body=body, wait=60)

    assert found.phase == "Succeeded"
    assert (found.output.total, found.output.made.child.foo) == (3, "y")


def test_a_typescript_client_reads_typed_output(
    folder: Path, cluster: EmbeddedCluster, api: RunningApi
) -> None:
    if shutil.which("npm") is None:
        pytest.skip("Node is not installed")
    here = shutil.copytree(TYPESCRIPT, folder / "typescript")
    run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=here)
    # Without it a parameter that has a default has to be sent.
    options = ("--default-non-nullable=false", "-o", "document.d.ts")
    run("npx", "openapi-typescript", "../openapi.json", *options, cwd=here)
    run("npx", "tsc", cwd=here)

    with played(cluster, api):
        said = run("node", "run.js", api.url, cwd=here)

    assert said == "Succeeded 3 y\n"


def test_pydantic_models_are_made_of_the_whole_document(
    folder: Path, tools: dict[str, str]
) -> None:
    tool = (sys.executable, "-W", "error", "-m", "datamodel_code_generator")
    kind = ("--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel")
    made = (
        "--input",
        "openapi.json",
        "--output",
        "models.py",
        "--formatters",
        "builtin",
        "--use-annotated",
    )
    run(*tool, *kind, *made, cwd=folder, env=tools)

    run(sys.executable, "models.py", cwd=folder)
