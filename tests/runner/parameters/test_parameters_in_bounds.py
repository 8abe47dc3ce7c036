"""What a contract offers a value to choose from is tried out in bounds, and can be left off."""

from typing import Any

import pytest

from podbook_crds.bounded_processes.once import Stopped
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidParameters
from podbook_runner.parameters import in_bounds, python
from tests.support.hostile import HOSTILE

# A node is a text, or a list of nodes: it refers to itself, so that nothing is proved of it.
TREE: dict[str, Any] = {
    "properties": {"x": {"$ref": "#/$defs/node"}},
    "$defs": {
        "node": {"anyOf": [{"type": "string"}, {"items": {"$ref": "#/$defs/node"}}]},
    },
}


def test_choices_that_take_for_ever_are_refused_in_time_or_left_off() -> None:
    schema, parameters = HOSTILE["anyOf that recurs"]
    contract = Contract(schema, {})

    with pytest.raises(InvalidParameters, match="/parameters: could not be checked within 1 s"):
        in_bounds.source(parameters, contract, seconds=1)
    with pytest.raises(Stopped):
        in_bounds.source(parameters, contract, is_stopped=lambda: True)


def test_a_process_writes_what_is_written_at_once() -> None:
    contract, given = Contract(TREE, {}), {"x": ["a", ["é\ud800"]]}

    assert not contract.proof.covers(given)
    assert in_bounds.source(given, contract) == python.source(given, schema=TREE, models={})
