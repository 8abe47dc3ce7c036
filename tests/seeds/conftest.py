"""A folder of notebooks, served by the command line that jupyrest's README gives."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rig.ipynb import notebook
from rig.until import eventually

# The README's own files, as it shows them.
ANALYSIS = """// analysis.config.json
{
    "input": {
        "type": "object",
        "properties": {"customer_name": {"type": "string"}},
        "required": ["customer_name"]
    },
    "output": {
        "type": "object",
        "properties": {"needs_discount": {"type": "boolean"}},
        "required": ["needs_discount"]
    }
}
"""
MODELS = """# models.py
from jupyrest.nbschema import ModelCollection, NbSchemaBase
from datetime import datetime

class SampleModel(NbSchemaBase):
    foo: str
    start_time: datetime
    end_time: datetime

# this is added to the plugin
# see jupyrest.plugin:JupyrestPlugin
model_collection = ModelCollection()
model_collection.add_model(alias="sample_model", model_type=SampleModel)
"""
SAMPLE = {"$ref": "nbschema://sample_model"}
MY_NOTEBOOK = {
    "input": {
        "type": "object",
        "properties": {"objects": {"type": "array", "items": SAMPLE}, "foo": {"type": "string"}},
        "required": ["objects", "foo"],
    },
    "output": {
        "type": "object",
        "properties": {
            "new_objects": {
                "type": "object",
                "properties": {"new_object_1": SAMPLE, "new_object_2": SAMPLE},
                "required": ["new_object_1", "new_object_2"],
            },
            "bar": {"type": "string"},
        },
        "required": ["new_objects", "bar"],
    },
}

# What the README tells of them: revenue decides on a discount, objects come in and go out.
DISCOUNT = (
    "revenue = {'microsoft': 2_000_000}",
    "from jupyrest import save_output\n"
    "save_output({'needs_discount': revenue[customer_name] < 1_000_000})",
)
NEW_OBJECTS = (
    "from jupyrest import save_output\n"
    "new_objects = {'new_object_1': objects[0], 'new_object_2': objects[1]}\n"
    "save_output({'new_objects': new_objects, 'bar': foo})"
)
SAVES = "from jupyrest import save_output\nsave_output({})"


@pytest.fixture(scope="session")
def jupyrest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The README's server, asked at its own address: `Host: localhost:5050`."""
    home = tmp_path_factory.mktemp("readme")
    _write(home / "notebooks")
    # README: python -m jupyrest worker start http --notebooks-dir=./notebooks
    command = ["-m", "jupyrest", "worker", "start", "http", "--notebooks-dir=./notebooks"]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, *command, "--port=0"],
            cwd=home,
            env={**os.environ, "XDG_DATA_HOME": str(home / "data"), "VIRTUAL_ENV": sys.prefix},
            stdout=log,
        )
    try:
        found = eventually(lambda: _address(home), "the server is ready", seconds=90)
        headers = {"Host": "localhost:5050"}
        with httpx.Client(base_url=found, headers=headers, timeout=90, trust_env=False) as client:
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _write(folder: Path) -> None:
    folder.mkdir()
    (folder / "analysis.config.json").write_text(ANALYSIS)
    (folder / "models.py").write_text(MODELS)
    (folder / "my_notebook.config.json").write_text(json.dumps(MY_NOTEBOOK))
    written = {
        "analysis": notebook(*DISCOUNT, parameters="customer_name = ''"),
        # With imports in no cell at all, which the README says can not work.
        "my_notebook": notebook(NEW_OBJECTS),
        "saves_text": notebook(SAVES.format('''"{'msg': 'some json string'}"''')),
        "saves_object": notebook(SAVES.format("dict(a=4, b=5)")),
    }
    for name, content in written.items():
        (folder / f"{name}.ipynb").write_text(json.dumps(content))


def _address(home: Path) -> str:
    said = re.search(r"http://\S+", (home / "log").read_text())
    return said[0] if said and "Ctrl-C" in (home / "log").read_text() else ""
