"""A sweep holds a line of each execution, and never the whole of them."""

import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from podbook_api.artifacts.execution_record import Records
from podbook_api.artifacts.pinned_content import Contents
from podbook_api.artifacts.rendering.renderer import Renderer
from podbook_api.artifacts.store import Store
from podbook_api.artifacts.upkeep.sweep import Sweeper
from podbook_crds import names

KIB = 1024
PAGES, IN_A_PAGE, WIDE = 20, 25, 16 * KIB


class Listed:
    """A cluster with many executions, each as wide as an output may make it."""

    async def pages(self, plural: str) -> AsyncIterator[tuple[list[dict[str, Any]], str]]:
        for page in range(PAGES if plural == names.EXECUTION_PLURAL else 0):
            yield [execution(page * IN_A_PAGE + number) for number in range(IN_A_PAGE)], "1"

    async def get(self, plural: str, name: str) -> None:
        """It has gone since."""


def execution(number: int) -> dict[str, Any]:
    made = "2026-01-01T00:00:00Z"
    return {
        "metadata": {"name": f"run-{number}", "uid": f"uid-{number}", "creationTimestamp": made},
        "spec": {"notebook": {"name": "a"}},
        "status": {
            "phase": "Succeeded",
            "finishedAt": made,
            "output": f"{number} " + "x" * WIDE,
        },
    }


async def test_it_holds_no_more_than_a_page_or_two_of_them(tmp_path: Path) -> None:
    store = Store.open(tmp_path.as_uri())
    cluster: Any = Listed()
    sweeper = Sweeper(
        cluster,
        store,
        contents=Contents(store),
        records=Records(store),
        renderer=Renderer(store, processes=1),
        now=lambda: datetime.now(UTC),
    )
    tracemalloc.start()

    await sweeper.sweep()

    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Two pages may be there at once; all of them are eight million bytes.
    assert held < 3 * IN_A_PAGE * WIDE + 1000 * KIB
