"""What the API's sweep of the artifact store holds in memory beside very many executions.

Run as `python -m bench.sweep [EXECUTIONS …]`. The cluster makes its pages as they are asked for, as
wide as those of a run with an output; the store is empty: what is measured is the list alone.
"""

import asyncio
import sys
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from podbook_api.artifacts.execution_record import Records
from podbook_api.artifacts.pinned_content import Contents
from podbook_api.artifacts.rendering.renderer import Renderer
from podbook_api.artifacts.store import Store
from podbook_api.artifacts.upkeep.sweep import Sweeper
from podbook_crds import names

_EXECUTIONS: Final = (1_000, 100_000)
_PAGE: Final = 500
_ENDED: Final = "2026-01-01T00:00:00.000000Z"


class Listed:
    """A cluster with so many executions that have ended."""

    def __init__(self, executions: int) -> None:
        self._executions = executions

    async def pages(self, plural: str) -> AsyncIterator[tuple[list[dict[str, Any]], str]]:
        """Yield them in pages; there are no notebooks."""
        left = self._executions if plural == names.EXECUTION_PLURAL else 0
        while left > 0:
            yield [_ended() for _ in range(min(left, _PAGE))], "1"
            left -= _PAGE

    async def get(self, plural: str, name: str) -> None:
        """It has gone since."""


def _ended() -> dict[str, Any]:
    name = str(uuid4())
    return {
        "metadata": {
            "name": name,
            "uid": str(uuid4()),
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {"notebook": {"name": "a"}, "parameters": {"text": name * 20}},
        "status": {
            "phase": "Succeeded",
            "finishedAt": _ENDED,
            "output": {"text": name * 20},
            "attempts": [{"number": 1, "pod": f"nbx-{name}", "message": name * 4}],
        },
    }


def main() -> None:
    """Print the table."""
    print("| executions | held at most, MiB | KiB for each | seconds, measured |")
    print("|---|---|---|---|")
    for executions in [int(argument) for argument in sys.argv[1:]] or _EXECUTIONS:
        held, seconds = asyncio.run(_swept(executions))
        each = held / executions / 1024
        print(f"| {executions} | {held / 2**20:.1f} | {each:.2f} | {seconds:.1f} |")


async def _swept(executions: int) -> tuple[int, float]:
    """Return the most bytes that one sweep held at once, and how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder).as_uri())
        cluster: Any = Listed(executions)
        sweeper = Sweeper(
            cluster,
            store,
            contents=Contents(store),
            records=Records(store),
            renderer=Renderer(store, processes=1),
            now=lambda: datetime.now(UTC),
        )
        began = time.perf_counter()
        tracemalloc.start()
        await sweeper.sweep()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak, time.perf_counter() - began


if __name__ == "__main__":
    main()
