"""An agent finds its way among 500 notebooks, in both eras of the protocol."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from rig import api as apis
from rig import embedded
from rig.api import RunningApi
from rig.until import eventually
from tests.support.agents import ERAS, meet, tools

COUNT = 500
INPUT = {"type": "object", "properties": {"x": {"type": "integer", "description": "how many"}}}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """Serves what nobody runs: a catalog of 500 in folders of 10."""
    folder: Path = tmp_path_factory.mktemp("hundreds")
    with (
        embedded.running(folder / "cluster", embedded.PLAYED) as cluster,
        apis.running(cluster, folder / "api") as running,
    ):
        for number in range(COUNT):
            notebook_id = f"group{number // 10}/n{number:03}"
            apis.put_notebook(cluster, f"n{number:03}", id=notebook_id, input=INPUT)
        last = f"/v1/notebooks/group{(COUNT - 1) // 10}/n{COUNT - 1:03}"
        eventually(lambda: running.http.get(last).is_success, "all are served")
        yield running


async def _every(client: Client) -> list[str]:
    """Return the ids on all pages of the list."""
    found: list[str] = []
    asked: dict[str, Any] = {}
    while True:
        page = (await client.call_tool("list_notebooks", asked)).structured_content or {}
        found += [each["id"] for each in page["notebooks"]]
        if not page.get("nextCursor"):
            return found
        asked = {"cursor": page["nextCursor"]}


@pytest.mark.parametrize("era", ERAS)
def test_hundreds_of_notebooks_are_searched_narrowed_and_paged(api: RunningApi, era: str) -> None:
    assert len(tools(api.url, era)) == 6
    assert list(tools(api.url, era, query="?notebooks=group7/*"))[6:] == [
        f"group7_n{number:03}" for number in range(70, 80)
    ]
    everything = meet(api.url, era, _every)
    assert (len(everything), len(set(everything))) == (COUNT, COUNT)

    async def find(client: Client) -> Any:
        return (
            await client.call_tool("list_notebooks", {"query": "n123"})
        ).structured_content or {}

    found = meet(api.url, era, find)
    assert [each["id"] for each in found["notebooks"]] == ["group12/n123"]
