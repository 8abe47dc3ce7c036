"""More calls at once than may be queued: each one has an answer that is meant."""

import asyncio
from pathlib import Path

import aiohttp

from podbook_crds import names
from rig import api as apis
from rig.embedded import EmbeddedCluster
from rig.until import eventually

CALLS, ROOM = 200, 60
EXECUTIONS = f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}"


def named(cluster: EmbeddedCluster, query: str) -> set[str]:
    """Return the names of the executions that the cluster lists for the query."""
    items = cluster.request("GET", EXECUTIONS + query)[1]["items"]
    return {item["metadata"]["name"] for item in items}


def test_a_storm_of_calls_is_queued_or_told_to_come_back_and_nothing_is_lost(
    cluster: EmbeddedCluster, api_folder: Path
) -> None:
    apis.put_notebook(cluster, "stormy")
    limit = len(named(cluster, "?fieldSelector=status.phase=Queued")) + ROOM
    before = named(cluster, "")
    path = "/v1/notebooks/stormy/executions"

    async def storm(url: str) -> list[tuple[int, str]]:
        # None is used again that the server has meanwhile closed, having heard nothing for long.
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(url, connector=connector) as session:

            async def send() -> tuple[int, str]:
                async with session.post(path, json={}) as answer:
                    told = await answer.json(content_type=None)
                    return answer.status, told.get("id") or answer.headers.get("Retry-After", "")

            first = await asyncio.gather(*(send() for _ in range(CALLS)))
            return first + await asyncio.gather(*(send() for _ in range(20)))

    with apis.running(cluster, api_folder, PODBOOK_QUEUE_LIMIT=str(limit)) as api:
        eventually(lambda: api.http.get("/v1/notebooks/stormy").is_success, "it is served")
        answers = asyncio.run(storm(api.url))

        made = [said for status, said in answers if status == 202]
        refused = [said for status, said in answers if status == 429]
        assert len(made) + len(refused) == len(answers), {status for status, _ in answers}
        assert len(made) >= ROOM
        assert len(refused) >= 20
        assert all(int(seconds) > 0 for seconds in refused)
        assert named(cluster, "") - before == set(made)
        assert api.http.get(f"/v1/executions/{made[-1]}").json()["phase"] == "Queued"
