"""One running Podbook for the tests of the command line and the client."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from podbook_cli.app import app
from rig.ipynb import notebook
from rig.running import RunningPodbook, running

ECHO = notebook(
    "from podbook import save_output\nprint('echoing')\nsave_output({'got': value})",
    parameters="value = 'default'",
)


@pytest.fixture(scope="session")
def podbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPodbook]:
    folder = tmp_path_factory.mktemp("catalog")
    # Where the command line looks for running servers, instead of the user's own.
    data = tmp_path_factory.mktemp("home") / "podbook" / "catalog"
    data.mkdir(parents=True)
    browser = data.parent / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{browser}.shown"\n')
    browser.chmod(0o755)
    with running(folder, data, "--open", BROWSER=f"{browser} %s") as started:
        started.put(
            "echo", ECHO, {"input": {"properties": {"value": {}, "code": {"type": "string"}}}}
        )
        started.put("raises", notebook("print('so far')", "raise KeyError('missing')"))
        yield started


@pytest.fixture
def typed(podbook: RunningPodbook, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run a command where the folder is that is served, in this process: nothing is imported."""
    monkeypatch.chdir(podbook.folder)
    runner = CliRunner(env={"XDG_DATA_HOME": str(podbook.data.parents[1])})
    return lambda *words: runner.invoke(app, list(words), prog_name="podbook")
