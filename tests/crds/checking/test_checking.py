"""What others wrote is checked in bounds, and what is harmless at once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from podbook_crds.checking.at_once import check_parameters
from podbook_crds.checking.checker import Checker
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import Busy, InvalidContract, InvalidParameters
from podbook_crds.resources.notebook import SharedModel
from tests.support.hostile import HOSTILE

TREE: dict[str, Any] = {
    "type": "object",
    "properties": {"x": {"$ref": "#/$defs/node"}},
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "additionalProperties": False,
        }
    },
}


@pytest.fixture
async def checker() -> AsyncIterator[Checker]:
    checker = Checker(processes=1, seconds=2, patience=1)
    yield checker
    await checker.close()


async def refused(checker: Checker, parameters: dict[str, Any], contract: Contract) -> list[str]:
    try:
        await checker.parameters(parameters, contract, strict=True, language="python")
    except InvalidParameters as error:
        return [f"{violation.pointer}: {violation.message}" for violation in error.violations]
    return []


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_takes_too_long_is_refused_in_time_and_the_next_one_judged(
    checker: Checker, name: str
) -> None:
    schema, parameters = HOSTILE[name]
    contract = Contract(schema, {})

    assert not check_parameters(parameters, contract, strict=True, language="python")
    (said,) = await refused(checker, parameters, contract)
    assert said.startswith("/parameters: could not be checked within 2 s")
    assert await refused(checker, {"x": {"name": 1}}, Contract(TREE, {})) == [
        "/parameters/x/name: 1 is not of type 'string'"
    ]


async def test_a_process_judges_as_it_is_judged_at_once(checker: Checker) -> None:
    models = {
        "item": SharedModel.model_validate(
            {
                "import": "models:Item",
                "schema": {
                    "type": "object",
                    "properties": {"count": {"type": "integer"}},
                    "additionalProperties": False,
                },
            }
        )
    }
    items = {"type": "array", "items": {"$ref": "nbschema://item"}}
    schema: dict[str, Any] = {"properties": {"items": items, "tree": TREE["properties"]["x"]}}
    given = {"items": [{"count": "1"}, {"cuont": 1}], "itmes": [], "class": 1}
    everywhere = Contract({**schema, "$defs": TREE["$defs"]}, models)
    here = Contract({"properties": {**schema["properties"], "tree": {}}}, models)

    assert everywhere.proof.covers(given) is False
    assert here.proof.covers(given) is True
    assert await refused(checker, given, everywhere) == await refused(checker, given, here)
    assert len(await refused(checker, given, here)) == 4


async def test_what_took_too_long_once_takes_no_place_from_others(checker: Checker) -> None:
    schema, parameters = HOSTILE["allOf doubled"]
    poison = Contract(schema, {})
    await refused(checker, parameters, poison)

    storm = asyncio.create_task(refused(checker, parameters, poison))
    await asyncio.sleep(0)
    with pytest.raises(Busy, match="try again"):
        await refused(checker, parameters, poison)
    assert await refused(checker, {"x": {"name": "a"}}, Contract(TREE, {})) == []
    storm.cancel()


async def test_a_contract_that_is_none_is_said_to_be_so_by_a_process_too(checker: Checker) -> None:
    wrong = {**TREE, "properties": {"x": {"$ref": "#/$defs/nothing"}}}

    with pytest.raises(InvalidContract, match="nothing"):
        await checker.parameters({"x": 1}, Contract(wrong, {}), strict=True, language="python")
    with pytest.raises(InvalidContract, match="#/\\$defs/nothing: the schema has nothing there"):
        await checker.schema(Contract(wrong, {}))


async def test_memory_has_its_bounds_too(checker: Checker) -> None:
    choices = [{"items": {"type": "string"}}, {"items": {"type": "null"}}]
    schema: dict[str, Any] = {"properties": {"x": {"anyOf": choices * 500}}}
    patient = Checker(processes=1, seconds=60, memory=160 * 1024**2)

    (said,) = await refused(patient, {"x": list(range(30_000))}, Contract(schema, {}))
    await patient.close()

    assert said == "/parameters: could not be checked: it needs more memory than it may take"


def test_what_is_proved_tells_literals_and_names_from_keywords() -> None:
    literal: dict[str, Any] = {"properties": {"x": {"enum": [{"$ref": "elsewhere"}]}}}
    again: dict[str, Any] = {
        "properties": {"enum": {"$ref": "#"}, "default": {"anyOf": [{"$ref": "#"}]}}
    }

    assert Contract(literal, {}).proof.covers({"x": 1})
    assert not Contract(again, {}).proof.covers({"x": 1})
