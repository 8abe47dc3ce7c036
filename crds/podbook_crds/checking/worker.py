"""Checks one value or schema after the other: python -m podbook_crds.checking.worker.

A process of its own, with bounds that the kernel keeps: what it reads was written by others.
"""

import json
import sys
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from podbook_crds.bounded_processes.serving import Refusal, serve
from podbook_crds.call_rules.contracts import check_schema, violations
from podbook_crds.checking.at_once import SMALLEST
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidContract


def check(request: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return the violations of the value behind the contract; none where there is only that.

    Refuses where the contract itself cannot be used.
    """
    contract = _read(parts[0])
    try:
        if len(parts) == 1:
            check_schema(contract.schema, contract.models)
            violations(SMALLEST, contract.schema, models=contract.models, root="", formats=True)
            return b"[]"
        found = violations(
            json.loads(parts[1]),
            contract.schema,
            models=contract.models,
            root=request["root"],
            formats=request["formats"],
            closed=request["closed"],
        )
    except InvalidContract as error:
        raise Refusal(f"{request['mark']}{error}") from error
    return json.dumps([asdict(violation) for violation in found]).encode()


@lru_cache(maxsize=8)
def _read(wire: bytes) -> Contract:
    return Contract.read(wire)


if __name__ == "__main__":
    serve(check, memory=int(sys.argv[1]), seconds=int(sys.argv[2]))
