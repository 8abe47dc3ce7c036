"""What 1 000 trivial executions cost the operator: CPU, writes and memory; pods are played.

Run as `python -m bench.operator_burst`. Server, operator and the fake node share the machine, so
rates are those of all three together; the CPU time is the operator's own.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.apiserver import memory_mib

from tests.support import embedded
from tests.support.fake_node import FakeNode, fake_node
from tests.support.operators import (
    CONFIG,
    NO_KUBELET,
    Operator,
    add_notebook,
    executions,
    operating,
    pods,
    submit,
    until_final,
    writes,
)
from tests.support.until import until

EXECUTIONS: Final = 1_000
SLOTS: Final = 32
_SECONDS: Final = 600


async def measure(
    cluster: embedded.EmbeddedCluster, operator: Operator, node: FakeNode
) -> list[tuple[str, str]]:
    """Return the rows of the table."""
    add_notebook(cluster, "completes")
    submit(cluster, "warm-up")
    await until_final(cluster, "warm-up")
    await until(lambda: not pods(cluster))
    cluster.clear_counts()
    pid = operator.process.pid
    before, memory, start = cpu_seconds(pid), memory_mib(pid), time.monotonic()
    for number in range(EXECUTIONS):
        submit(cluster, f"run-{number:04}")
    submitted = time.monotonic() - start
    await until(lambda: _all_final(cluster) and not pods(cluster), seconds=_SECONDS)
    took, used = time.monotonic() - start, cpu_seconds(pid) - before
    done = writes(cluster, "podbook-operator")
    return [
        ("executions", f"{EXECUTIONS:,} (slots: {SLOTS})"),
        ("lost, run twice", f"{_lost(node)}, {_doubled(node)}"),
        ("most kernels at once", str(node.most_kernels)),
        ("submitted after", f"{submitted:.1f} s"),
        ("all final and their pods gone after", f"{took:.1f} s"),
        ("operator CPU per execution", f"{1000 * used / EXECUTIONS:.2f} ms"),
        ("operator writes per execution", f"{sum(done.values()) / EXECUTIONS:.3f}"),
        *((f"  {what}", f"{count / EXECUTIONS:.3f}") for what, count in sorted(done.items())),
        ("kopf's writes", str(sum(writes(cluster, "kopf").values()))),
        ("operator memory before, after", f"{memory:.0f}, {memory_mib(pid):.0f} MiB"),
    ]


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that the process has used, of user and system together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks / 100  # Linux counts in hundredths for every program.


def _all_final(cluster: embedded.EmbeddedCluster) -> bool:
    final = {"Succeeded", "Failed", "Cancelled"}
    return all(e["status"]["phase"] in final for e in executions(cluster))


def _lost(node: FakeNode) -> int:
    return EXECUTIONS + 1 - len(node.ran)


def _doubled(node: FakeNode) -> int:
    return sum(count > 1 for count in node.ran.values())


async def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "cluster"
        with embedded.running(place, NO_KUBELET) as cluster:
            config = {**CONFIG, "slots": {"total": SLOTS}}
            with operating(cluster, config=config) as operator:
                async with fake_node(cluster) as node:
                    for name, value in await measure(cluster, operator, node):
                        print(f"{name:<40} {value}")


if __name__ == "__main__":
    asyncio.run(main())
