"""One running Podbook for all that agents do with it; short limits stand for the real ones."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rig import running
from rig.ipynb import notebook
from rig.running import RunningPodbook

_SAVE = "from podbook import save_output\nsave_output({})"
# One pixel.
_PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_UNTIL = """import os, time
print('half way', flush=True)
while not os.path.exists(until):
    time.sleep(0.05)"""
_SUM = {
    "input": {
        "type": "object",
        "properties": {"first": {"type": "integer"}, "second": {"type": "integer", "default": 2}},
        "required": ["first"],
    },
    "output": {
        "type": "object",
        "properties": {"sum": {"type": "integer"}},
        "required": ["sum"],
    },
}


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPodbook]:
    folder, data = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("data")
    _write(
        folder,
        "add",
        ["print('adding')", _SAVE.format("{'sum': first + second}")],
        _SUM,
        parameters="first = 1\nsecond = 2",
    )
    # A strict contract whose root is no object, and longer than a client is made to wait.
    _write(
        folder,
        "reports/slow",
        [_UNTIL, _SAVE.format("[1, 2]")],
        {"output": {"type": "array", "items": {"type": "integer"}}, "mcp": "tool"},
        parameters="until = ''",
    )
    _write(folder, "raises", ["def inner():\n    raise ValueError('no such month')", "inner()"])
    shown = "from IPython.display import Image, display\nimport base64\n"
    _write(folder, "draws", [f"{shown}display(Image(base64.b64decode('{_PIXEL}')))"] * 4)
    _write(folder, "large", [_SAVE.format("'x' * 70_000")], {"mcp": "search"})
    _write(
        folder,
        "draws-lots",
        ["import random", _SAVE.format("random.random()")],
        {"mcp": "search", "cache": {}},
    )
    _write(folder, "hidden", [_SAVE.format("1")], {"mcp": "off"})
    with running.running(
        folder,
        data,
        *("--slots", "4"),
        PODBOOK_MCP_WAIT_SECONDS="2",
        PODBOOK_MCP_PROGRESS_SECONDS="0.5",
    ) as podbook:
        yield podbook


def _write(
    folder: Path,
    name: str,
    cells: list[str],
    config: dict[str, Any] | None = None,
    *,
    parameters: str | None = None,
) -> None:
    path = folder / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    if config is not None:
        path.with_name(f"{path.stem}.config.json").write_text(json.dumps(config))
    path.write_text(json.dumps(notebook(*cells, parameters=parameters)))
