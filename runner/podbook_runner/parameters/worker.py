"""Writes one cell of parameters: `python -m podbook_runner.parameters.worker`, a bounded process.

The contract comes first, then the parameters.
"""

import json
import sys
from typing import Any

from podbook_crds.bounded_processes.serving import Refusal, serve
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidParameters
from podbook_runner.parameters import python


def written(_: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return the cell's code."""
    contract = Contract.read(parts[0])
    try:
        code = python.source(json.loads(parts[1]), schema=contract.schema, models=contract.models)
    except InvalidParameters as error:
        raise Refusal(str(error)) from error
    return code.encode("utf-8", "surrogatepass")


if __name__ == "__main__":
    serve(written, memory=int(sys.argv[1]), seconds=int(sys.argv[2]))
