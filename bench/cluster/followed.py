"""How soon what a cell prints is read on a real node, by one reader through the Service.

Part of `make bench-cluster`. The node is this machine: both times are of one clock.
"""

import asyncio
from typing import Final

from bench.events import TICKS, follow, latencies

from rig.ipynb import notebook
from tests.cluster.installation import CALLER, installation
from tests.cluster.installed import Installed, service_url, token

_RUNS: Final = 3
_LINES: Final = 80


def main() -> None:
    """Print the table."""
    with installation() as podbook:
        podbook.put("watched", notebook(TICKS.format(count=_LINES, every=0.25)))
        late = [seconds for _ in range(_RUNS) for seconds in _followed(podbook)]
    print("| watched on a node: print to reader | p50 | p95 |\n|---|---|---|")
    print(f"| {len(late)} lines, one in 0.25 s | {latencies(late)} |", flush=True)


def _followed(podbook: Installed) -> list[float]:
    answer = podbook.http.post("/v1/notebooks/watched/executions", json={})
    assert answer.status_code == 202, answer.text
    at = service_url("podbook")
    return asyncio.run(follow(at, answer.json()["id"], token=token(CALLER)))


if __name__ == "__main__":
    main()
