"""The way of shared models where the kernel's environment has pydantic 1."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol.job import JobFile
from podbook_crds.resources.notebook import SharedModel
from rig.runner_pod import PYTHON_KERNEL, a_job, a_pod, ipynb
from tests.support import pydantic_1

MODELS = """
from __future__ import annotations
import datetime, decimal, enum, uuid
from typing import Optional
import pydantic
from jupyrest.nbschema import ModelCollection, NbSchemaBase

assert pydantic.VERSION.startswith("1.")

class Colour(enum.Enum):
    RED = "red"

class Inner(NbSchemaBase):
    number: float
    children: list[Inner] = []

class Words(NbSchemaBase):
    __root__: list[str]

class Everything(NbSchemaBase):
    when: datetime.datetime
    day: datetime.date
    clock: datetime.time
    lasts: datetime.timedelta
    identity: uuid.UUID
    price: decimal.Decimal
    raw: bytes
    colour: Colour
    inner: Inner
    maybe: Optional[Inner] = None
    words: Words
    days: list[datetime.date]
    unique: set[int]
    pair: tuple[int, datetime.date]
    renamed: int = pydantic.Field(alias="the-alias")

Inner.update_forward_refs()
models = ModelCollection()
for alias, model in {"everything": Everything, "inner": Inner, "words": Words}.items():
    models.add_model(alias, model)
"""
VALUE = {
    "when": "2021-02-28T04:09:09.5730000Z",
    "day": "2021-02-28",
    "clock": "01:02:03",
    "lasts": 90.5,
    "identity": "00000000-0000-0000-0000-000000000001",
    "price": 1.25,
    "raw": "abé",
    "colour": "red",
    "inner": {"number": 1, "children": [{"number": 2}]},
    "words": ["a", "b"],
    "days": ["2021-02-28"],
    "unique": [1, 2],
    "pair": [1, "2021-02-28"],
    "the-alias": 5,
}
CELLS = (
    "import json\nfrom models import Everything\n"
    "assert value == Everything.parse_raw(json.dumps(plain))",
    "import jupyrest\njupyrest.save_output({'value': value, 'kind': type(value.inner).__name__})",
)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "models.py").write_text(MODELS)
    return {"PYTHONPATH": pydantic_1.python_path(tmp_path)}


@pytest.fixture
def models(tmp_path: Path, environment: dict[str, str]) -> dict[str, SharedModel]:
    spec = find_spec("podbook.read_models")
    assert spec is not None
    assert spec.origin is not None
    done = subprocess.run(
        [sys.executable, "-S", spec.origin, str(tmp_path), "models"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found = json.loads(done.stdout)
    assert "models" in found, found
    return {alias: SharedModel.model_validate(model) for alias, model in found["models"].items()}


def test_models_come_in_as_objects_and_go_out_as_their_schema_says(
    models: dict[str, SharedModel], environment: dict[str, str]
) -> None:
    contract: Any = {
        "properties": {"value": {"$ref": "nbschema://everything"}},
        "required": ["value"],
    }
    text = MODELS.encode()
    job = a_job(
        ipynb(*CELLS),
        files=[JobFile(path="models.py", digest="", size=len(text), text=MODELS)],
        parameters=json.dumps({"value": VALUE, "plain": VALUE}),
        input=contract,
        output=contract,
        models=models,
    )

    kernel = (PYTHON_KERNEL[0], "-S", *PYTHON_KERNEL[1:])
    with a_pod(job, kernel=kernel, kernel_environment=environment) as pod:
        result = pod.wait()

    assert (result.message, result.reason) == ("", Reason.NOTEBOOK_COMPLETED)
    cell = pod.notebook.cells[0].source
    assert "from models import Colour, Everything, Inner, Words" in cell
    assert "Inner(number=1, children=[Inner(number=2)])" in cell
    assert isinstance(result.output, dict)
    assert result.output["kind"] == "Inner"
    assert result.output["value"] == {
        **VALUE,
        "when": "2021-02-28T04:09:09.573000+00:00",
        "inner": {"number": 1.0, "children": [{"number": 2.0, "children": []}]},
        "maybe": None,
    }


def test_a_collection_refuses_what_is_no_model(environment: dict[str, str]) -> None:
    code = "from podbook.nbschema import ModelCollection\nModelCollection().add_model('a', 5)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={**os.environ, "PYTHONPATH": f"{environment['PYTHONPATH']}{os.pathsep}{_sdk()}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "TypeError: model 'a': 5 is no subclass of NbSchemaBase" in done.stderr


def _sdk() -> str:
    spec = find_spec("podbook")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parents[1])
