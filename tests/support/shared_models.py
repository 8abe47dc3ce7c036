"""Shared models for tests: of every kind of field that notebooks pass around."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from podbook_crds.resources.notebook import SharedModel

MODELS = """
from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from typing import Optional, Union

import pydantic
from jupyrest.nbschema import ModelCollection, NbSchemaBase


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Inner(NbSchemaBase):
    number: float
    children: list[Inner] = []


class Everything(NbSchemaBase):
    text: str
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
    either: Union[Inner, int, None] = None
    text_or_day: Union[datetime.date, str] = ""
    days: list[datetime.date]
    named: dict[str, datetime.datetime]
    unique: set[int]
    pair: tuple[int, datetime.date]
    renamed: int = pydantic.Field(alias="the-alias")
    keyword: int = pydantic.Field(alias="class")


class Strict(NbSchemaBase):
    model_config = {"strict": True}
    when: datetime.datetime
    unique: frozenset[int]


class Words(pydantic.RootModel[list[str]]):
    pass


class Outer(NbSchemaBase):
    class Nested(NbSchemaBase):
        x: int

    nested: Nested


class SampleModel(NbSchemaBase):
    foo: str
    start_time: datetime.datetime
    end_time: datetime.datetime


models = ModelCollection()
for alias, model in {
    "everything": Everything,
    "strict": Strict,
    "words": Words,
    "outer": Outer,
    "inner": Inner,
    "sample_model": SampleModel,
}.items():
    models.add_model(alias, model)
"""


def written(folder: Path) -> dict[str, SharedModel]:
    """Write models.py into the folder; return its models as the catalog would hold them."""
    (folder / "models.py").write_text(MODELS)
    spec = find_spec("podbook.read_models")
    assert spec is not None
    assert spec.origin is not None
    done = subprocess.run(
        [sys.executable, spec.origin, str(folder), "models"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = json.loads(done.stdout)["models"]
    return {alias: SharedModel.model_validate(model) for alias, model in found.items()}
