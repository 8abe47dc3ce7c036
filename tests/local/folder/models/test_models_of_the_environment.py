"""Shared models may come from modules of the kernel's environment, named in podbook.toml."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.local.folder.conftest import Catalog

MODELS = """
from podbook.nbschema import ModelCollection, NbSchemaBase

class {name}(NbSchemaBase):
    x: int

models = ModelCollection()
models.add_model({alias!r}, {name})
"""
BOTH = {"input": {"properties": {"a": {"$ref": "nbschema://a"}, "b": {"$ref": "nbschema://b"}}}}


@pytest.fixture
def installed(catalog: Catalog, tmp_path: Path) -> Catalog:
    """A catalog whose kernels have the package `company`."""
    site = tmp_path / "site"
    (site / "company").mkdir(parents=True)
    (site / "company" / "__init__.py").touch()
    (site / "company" / "models.py").write_text(MODELS.format(name="OfCompany", alias="a"))
    catalog.write("podbook.toml", 'models = ["company.models", "models"]')
    return replace(catalog, environment={**catalog.environment, "PYTHONPATH": str(site)})


def test_all_that_are_named_are_read(installed: Catalog) -> None:
    installed.write("models.py", MODELS.format(name="OfFolder", alias="b"))
    installed.put("uses.ipynb", BOTH)

    spec = installed.read("uses.ipynb").spec

    assert spec.problem is None
    assert {alias: model.import_path for alias, model in spec.models.items()} == {
        "a": "company.models:OfCompany",
        "b": "models:OfFolder",
    }


def test_a_python_that_prints_at_its_start_tells_of_models_all_the_same(
    installed: Catalog, tmp_path: Path
) -> None:
    (tmp_path / "site" / "sitecustomize.py").write_text("print('hello from the company')")
    installed.write("models.py", MODELS.format(name="OfFolder", alias="b"))
    installed.put("uses.ipynb", BOTH)

    assert set(installed.read("uses.ipynb").spec.models) == {"a", "b"}


def test_an_alias_belongs_to_one_of_them(installed: Catalog) -> None:
    installed.write("models.py", MODELS.format(name="OfFolder", alias="a"))
    installed.put("uses.ipynb", BOTH)
    installed.put("uses_not.ipynb", {"input": {"type": "object"}})

    said = "the alias 'a' is claimed by two modules, company.models and models"
    assert said in (installed.read("uses.ipynb").spec.problem or "")
    assert installed.read("uses_not.ipynb").spec.problem is None


def test_one_that_is_not_installed_is_named(catalog: Catalog) -> None:
    catalog.write("podbook.toml", 'models = ["nobodys.models"]')
    catalog.put("uses.ipynb", BOTH)

    problem = catalog.read("uses.ipynb").spec.problem or ""

    assert problem.startswith("nobodys.models cannot be imported: ModuleNotFoundError")


def test_an_alias_that_nobody_has_is_named_with_those_there_are(installed: Catalog) -> None:
    installed.write("models.py", MODELS.format(name="OfFolder", alias="c"))
    installed.put("uses.ipynb", BOTH)

    problem = installed.read("uses.ipynb").spec.problem or ""

    assert (
        "uses.config.json: /input: nbschema://b: no model of that alias; known are: a, c" in problem
    )
