"""Shared models that take long to import keep neither the start nor other notebooks waiting."""

import json
from pathlib import Path

import pytest

from rig.ipynb import notebook
from rig.running import running
from rig.until import eventually

MODELS = """
import os, time
from podbook.nbschema import ModelCollection, NbSchemaBase

while not os.path.exists({go!r}):
    time.sleep(0.05)

class Sample(NbSchemaBase):
    foo: str

collection = ModelCollection()
collection.add_model(alias="sample", model_type=Sample)
"""
USES = {"input": {"properties": {"value": {"$ref": "nbschema://sample"}}}}
SAVES = "from podbook import save_output\nsave_output(repr(value))"


@pytest.mark.timeout(240)
def test_a_notebook_is_served_once_its_models_are_read(tmp_path: Path) -> None:
    # Outside of the folder, so that no change in it leads to another look.
    go = tmp_path / "go"
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "models.py").write_text(MODELS.format(go=str(go)))
    with running(folder, tmp_path / "data") as podbook:
        podbook.put("plain", notebook(SAVES, parameters="value = 1"))
        assert podbook.post("plain")["output"] == "1"
        (folder / "uses.config.json").write_text(json.dumps(USES))
        (folder / "uses.ipynb").write_text(json.dumps(notebook(SAVES)))
        call = "/v1/notebooks/uses/executions?wait=60"
        asked = {"parameters": {"value": {"foo": "a"}}}
        eventually(
            lambda: "importing it takes long" in podbook.http.post(call, json=asked).text,
            "it says what it waits for",
        )

        go.touch()

        eventually(lambda: podbook.http.get("/v1/notebooks/uses").json()["ready"], "it is served")
        assert podbook.post("uses", asked["parameters"])["output"] == "Sample(foo='a')"
