"""Pages are made in processes of their own: what one notebook does there hurts no other."""

import asyncio
import json
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from podbook_api.artifacts.rendering.renderer import (
    KEPT,
    LARGEST_NOTEBOOK,
    PAGES,
    SECONDS,
    WAITING,
    Renderer,
)
from podbook_api.artifacts.store import Store
from podbook_api.http.problems import Problem
from rig.until import until
from tests.support.notebooks import code, ipynb, markdown


def _of_many_cells(cell: Any, count: int) -> bytes:
    """Return the notebook of one cell with so many of it, which nbformat would check one by one."""
    notebook = json.loads(ipynb(cell))
    (one,) = notebook["cells"]
    notebook["cells"] = [{**one, "id": f"cell-{number}"} for number in range(count)]
    return json.dumps(notebook).encode()


GOOD = ipynb(markdown("# Good"))
# About a minute of work for nbconvert.
ENDLESS = _of_many_cells(code("x = 1\nprint(x)"), 20_000)
FAT = ipynb(code(png="iVBORw0KGgo" * 5_000_000))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"file://{tmp_path}")


async def test_a_page_is_made_once_and_kept(store: Store) -> None:
    first = Renderer(store, processes=1)
    page = await first.page(GOOD, report=False)
    await first.close()

    # Another API process, which could make none itself.
    second = Renderer(store, processes=1, memory=1)
    assert await second.page(GOOD, report=False) == page
    assert b"Good" in page


async def test_the_notebook_and_its_report_are_two_pages(store: Store) -> None:
    renderer = Renderer(store, processes=1)
    ran = ipynb(code("secret_method()"))

    pages = [await renderer.page(ran, report=report) for report in (False, True)]
    await renderer.close()

    assert [b"secret_method" in page for page in pages] == [True, False]


async def test_many_callers_of_one_page_share_the_work(store: Store) -> None:
    renderer = Renderer(store, processes=2)

    pages = await asyncio.gather(*(renderer.page(GOOD, report=False) for _ in range(200)))
    await renderer.close()

    assert len(set(pages)) == 1


async def test_one_caller_that_hangs_up_takes_the_page_from_nobody(store: Store) -> None:
    renderer = Renderer(store, processes=1)
    hangs_up = asyncio.create_task(renderer.page(GOOD, report=False))
    stays = asyncio.create_task(renderer.page(GOOD, report=False))
    await asyncio.sleep(0)

    hangs_up.cancel()

    assert b"Good" in await stays
    await renderer.close()


async def test_who_finds_too_many_pages_being_made_is_told_so(store: Store) -> None:
    renderer = Renderer(store, processes=1)
    making = [
        asyncio.create_task(renderer.page(b"{%d" % number, report=False))
        for number in range(WAITING)
    ]
    await asyncio.sleep(0)

    with pytest.raises(Problem) as raised:
        await renderer.page(GOOD, report=False)

    assert (raised.value.status, raised.value.kind) == (429, "too-many-pages")
    assert int(raised.value.headers["Retry-After"]) > 0
    for each in making:
        each.cancel()
    await renderer.close()


@pytest.mark.parametrize(
    ("bad", "limits", "why"),
    [
        pytest.param(b"[1]", {}, "", id="no notebook"),
        pytest.param(b"\xff\xfe", {}, "", id="not even JSON"),
        pytest.param(b"[" * 100_000, {}, "nested", id="nested beyond reason"),
        pytest.param(ENDLESS, {"seconds": 4}, "longer than 4 s", id="takes too long"),
        pytest.param(FAT, {"memory": 300 * 1024**2}, "memory", id="needs too much memory"),
        pytest.param(b" " * (LARGEST_NOTEBOOK + 1), {}, "may have", id="too large to begin with"),
    ],
)
async def test_a_notebook_that_makes_no_page_is_a_problem_of_its_own(
    store: Store, bad: bytes, limits: dict[str, int], why: str
) -> None:
    renderer = Renderer(store, processes=1, **limits)

    with pytest.raises(Problem) as raised:
        await renderer.page(bad, report=False)

    assert (raised.value.status, raised.value.kind) == (422, "unrenderable-notebook")
    assert why in raised.value.detail
    assert "notebook.ipynb" in raised.value.detail
    # However slow the machine is: that page has all the time it needs.
    renderer.pool.seconds = SECONDS
    assert b"Good" in await renderer.page(GOOD, report=False)
    await renderer.close()


async def test_a_process_that_dies_is_replaced(store: Store) -> None:
    renderer = Renderer(store, processes=1)
    making = asyncio.create_task(renderer.page(ENDLESS, report=False))

    (pid,) = await until(lambda: renderer.pids, seconds=60, what="a render process")
    os.kill(pid, signal.SIGKILL)

    with pytest.raises(Problem, match="did not survive"):
        await making
    assert b"Good" in await renderer.page(GOOD, report=False)
    await renderer.close()


async def test_a_render_process_sees_no_credential(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    renderer = Renderer(store, processes=1)
    making = asyncio.create_task(renderer.page(ENDLESS, report=False))

    (pid,) = await until(lambda: renderer.pids, seconds=60, what="a render process")
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Problem):
        await making
    await renderer.close()

    assert b"PATH=" in environment
    assert b"hidden" not in environment


async def test_pages_are_swept_by_age(store: Store) -> None:
    renderer = Renderer(store, processes=1)
    await renderer.page(GOOD, report=False)
    await renderer.close()
    now = datetime.now(UTC)

    assert await renderer.sweep(now) == 0
    assert await renderer.sweep(now + KEPT + timedelta(minutes=1)) == 1
    assert [stored async for stored in store.under(PAGES)] == []
