"""A run may tell a great deal at once: others are answered meanwhile, and there is an end to it."""

import asyncio
from pathlib import Path

import pytest

from podbook_api.events import lines
from podbook_api.http.problems import Problem
from podbook_api.intake.events import LIMIT, batch_of
from podbook_crds.protocol import intake
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from tests.support import jobs

EVENT = b'{"type":"x"}\n'
MIB = 1024 * 1024


async def test_lines_are_split_a_piece_at_a_time() -> None:
    data = EVENT * (4 * MIB // len(EVENT)) + b"{" + b" " * MIB + b"}\n{}"
    others = 0

    async def answer_others() -> None:
        nonlocal others
        while True:
            others += 1
            await asyncio.sleep(0)

    answering = asyncio.create_task(answer_others())
    found = await lines.split(data)
    answering.cancel()

    assert b"".join(found) == data
    assert found[-2:] == (b"{" + b" " * MIB + b"}\n", b"{}")
    assert others >= 4 * MIB // lines.PIECE


async def test_a_batch_is_taken_in_up_to_its_limit() -> None:
    batch = await batch_of({"first": "3"}, EVENT * LIMIT)
    assert (batch.events.first, batch.events.last) == (3, LIMIT + 2)

    for body, why in ((EVENT * (LIMIT + 1), "at most"), (EVENT * LIMIT + b"{}\r{}\n", "ASCII")):
        with pytest.raises(Problem, match=why):
            await batch_of({"first": "1"}, body)


def test_events_without_end_take_no_more_than_their_bytes(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    jobs.serve(cluster, api)
    run = jobs.queued(cluster, api).make_pod()
    run.claim()
    body = b"{}\n" * (32 * MIB // 3)
    process = Path("/proc", str(api.process.pid))
    (process / "clear_refs").write_text("5")  # Sets the peak back to what there is now.
    before = peak(process)

    refused = run.call("POST", f"{intake.EVENTS_PATH}?first=1", content=body)

    assert (refused.status_code, refused.json()["reason"]) == (422, "invalid-events")
    # As it comes, and as it is handed on; as a list of lines it was fifteen times as much.
    assert peak(process) - before < 4 * len(body)
    told = run.call("POST", f"{intake.EVENTS_PATH}?first=1", content=EVENT)
    assert told.status_code == 200, told.text


def peak(process: Path) -> int:
    (line,) = (x for x in (process / "status").read_text().splitlines() if x.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
