"""Writes the parameters' cell of Python in bounds: which choice of a contract fits is tried out."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from podbook_crds.bounded_processes.once import ask
from podbook_crds.bounded_processes.pool import TooLong
from podbook_crds.bounded_processes.process import Ended, Refused
from podbook_crds.call_rules.parameters import ROOT
from podbook_crds.checking import asking
from podbook_crds.checking.checker import SECONDS
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidParameters, Violation
from podbook_runner.parameters import python

_MODULE: Final = "podbook_runner.parameters.worker"
# Where none of these stands, nothing is tried out: what refers to itself is only followed.
_TRIED: Final = frozenset({"anyOf", "oneOf", "if", "patternProperties"})


def source(
    parameters: Mapping[str, Any],
    contract: Contract,
    *,
    is_stopped: Callable[[], bool] = bool,
    seconds: float = SECONDS,
) -> str:
    """Return the cell's code; raise InvalidParameters beyond the bounds, Stopped as it is asked."""
    if contract.proof.covers(dict(parameters)) or not _is_tried(contract):
        return python.source(parameters, schema=contract.schema, models=contract.models)
    given = json.dumps(dict(parameters)).encode()
    try:
        code = ask(
            _MODULE,
            {},
            contract.wire,
            given,
            memory=asking.MEMORY,
            seconds=seconds,
            is_stopped=is_stopped,
        )
        return code.decode("utf-8", "surrogatepass")
    except TooLong as error:
        said = asking.too_long(seconds)
        raise InvalidParameters([Violation(ROOT, said)]) from error
    except (Ended, Refused) as error:
        said = f"could not be checked: {error}"
        raise InvalidParameters([Violation(ROOT, said)]) from error


def _is_tried(contract: Contract) -> bool:
    schemas = [contract.schema, *(model.json_schema for model in contract.models.values())]
    return any(not _TRIED.isdisjoint(node) for schema in schemas for node in _objects(schema))


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
