"""What 1 000 trivial executions cost the operator: CPU, writes and memory; pods are played.

Run as `python -m bench.operator_burst`; with `--kills N` the operator is killed (-9) so many times
meanwhile, and started again. Server, operator and the fake node share the machine, so rates are
those of all three together; the CPU time is the operator's own.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.apiserver import memory_mib

from rig import embedded
from rig.fake_node import FakeNode, fake_node
from rig.operators import (
    CONFIG,
    NO_KUBELET,
    Operator,
    add_notebook,
    executions,
    operating,
    pods,
    submit,
    until_final,
    write_config,
    writes,
)
from rig.until import until

EXECUTIONS: Final = 1_000
SLOTS: Final = 32
_SECONDS: Final = 600


async def measure(
    cluster: embedded.EmbeddedCluster, operator: Operator, node: FakeNode
) -> list[tuple[str, str]]:
    """Return the rows of the table for an operator that is left alone."""
    await _warm_up(cluster)
    pid = operator.process.pid
    before, memory, start = cpu_seconds(pid), memory_mib(pid), time.monotonic()
    _submit_all(cluster)
    submitted = time.monotonic() - start
    await _until_all_is_over(cluster)
    took, used = time.monotonic() - start, cpu_seconds(pid) - before
    return [
        ("submitted after", f"{submitted:.1f} s"),
        ("all final and their pods gone after", f"{took:.1f} s"),
        ("operator CPU per execution", f"{1000 * used / EXECUTIONS:.2f} ms"),
        ("operator memory before, after", f"{memory:.0f}, {memory_mib(pid):.0f} MiB"),
    ]


async def measure_kills(cluster: embedded.EmbeddedCluster, kills: int) -> list[tuple[str, str]]:
    """Return the rows of the table for operators that are killed, one after the other."""
    with operating(cluster):
        await _warm_up(cluster)
    start, away = time.monotonic(), 0.0
    _submit_all(cluster)
    for number in range(1, kills + 1):
        began = time.monotonic()
        with operating(cluster):
            away += time.monotonic() - began
            await _until_ended(cluster, EXECUTIONS * number // (kills + 1))
    with operating(cluster):
        await _until_all_is_over(cluster)
    return [
        ("operators killed (-9)", str(kills)),
        ("all final and their pods gone after", f"{time.monotonic() - start:.1f} s"),
        ("of it without an operator that serves", f"{away:.1f} s"),
    ]


def outcome(cluster: embedded.EmbeddedCluster, node: FakeNode) -> list[tuple[str, str]]:
    """Return the rows that hold however it went."""
    done = writes(cluster, "podbook-operator")
    return [
        ("executions", f"{EXECUTIONS:,} (slots: {SLOTS})"),
        ("lost, run twice", f"{_lost(node)}, {_doubled(node)}"),
        ("final with another output than their own", str(_mistaken(cluster))),
        ("most kernels at once", str(node.most_kernels)),
        ("operator writes per execution", f"{sum(done.values()) / EXECUTIONS:.3f}"),
        *((f"  {what}", f"{count / EXECUTIONS:.3f}") for what, count in sorted(done.items())),
        ("kopf's writes", str(sum(writes(cluster, "kopf").values()))),
    ]


async def _warm_up(cluster: embedded.EmbeddedCluster) -> None:
    add_notebook(cluster, "completes")
    submit(cluster, "warm-up")
    await until_final(cluster, "warm-up")
    await until(lambda: not pods(cluster))
    cluster.clear_counts()


def _submit_all(cluster: embedded.EmbeddedCluster) -> None:
    for number in range(EXECUTIONS):
        submit(cluster, f"run-{number:04}")


async def _until_ended(cluster: embedded.EmbeddedCluster, count: int) -> None:
    await until(lambda: _ended(cluster) > count, seconds=_SECONDS)


async def _until_all_is_over(cluster: embedded.EmbeddedCluster) -> None:
    everything = EXECUTIONS + 1  # With the one to warm up.
    await until(lambda: _ended(cluster) == everything and not pods(cluster), seconds=_SECONDS)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that the process has used, of user and system together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks / 100  # Linux counts in hundredths for every program.


def _ended(cluster: embedded.EmbeddedCluster) -> int:
    final = {"Succeeded", "Failed", "Cancelled"}
    return sum(e["status"]["phase"] in final for e in executions(cluster))


def _mistaken(cluster: embedded.EmbeddedCluster) -> int:
    return sum(
        e["status"].get("output") != {"by": e["metadata"]["name"]} for e in executions(cluster)
    )


def _lost(node: FakeNode) -> int:
    return EXECUTIONS + 1 - len(node.ran)


def _doubled(node: FakeNode) -> int:
    return sum(count > 1 for count in node.ran.values())


async def main(kills: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "cluster"
        with embedded.running(place, NO_KUBELET) as cluster:
            write_config(cluster, {**CONFIG, "slots": {"total": SLOTS}})
            async with fake_node(cluster) as node:
                if kills:
                    rows = await measure_kills(cluster, kills)
                else:
                    with operating(cluster) as operator:
                        rows = await measure(cluster, operator, node)
                for name, value in [*outcome(cluster, node), *rows]:
                    print(f"{name:<40} {value}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=0, help="how often the operator is killed")
    asyncio.run(main(parser.parse_args().kills))
