"""Whether the store takes what is written is found out by writing, and not for everybody anew."""

import errno
import os
from pathlib import Path
from typing import Any

import httpx
import obstore
import pytest
from obstore.exceptions import GenericError

from podbook_api.artifacts.store import Store
from podbook_api.artifacts.upkeep.store_checks import StoreChecks
from podbook_crds.errors import StoreFull, StoreUnavailable
from rig.api import RunningApi


async def test_a_store_that_takes_nothing_says_why_and_is_asked_again_later(tmp_path: Path) -> None:
    clock = [0.0]
    url = (tmp_path / "store").as_uri()
    checks = StoreChecks(Store.open(url), url, now=lambda: clock[0])
    written = tmp_path / "store" / "health"

    well = await checks.found()
    (written / "written").unlink()
    written.rmdir()
    written.write_text("a file where a folder should be")
    remembered = await checks.found()
    clock[0] = 6.0
    broken = await checks.found()

    assert (well.problem, remembered.problem) == ("", "")
    assert (well.free_bytes or 0) > 0
    assert (well.total_bytes or 0) >= (well.free_bytes or 0)
    assert "health/written" in broken.problem


def test_the_api_tells_it(api: RunningApi) -> None:
    answer = api.http.get("/v1/health")

    assert answer.status_code == httpx.codes.OK
    assert answer.json()["store"]["writable"] is True
    assert answer.json()["queue"]["limit"] == 5000


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, StoreFull), (errno.EDQUOT, StoreFull), (errno.EIO, StoreUnavailable)],
)
async def test_a_store_without_room_is_told_from_one_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[StoreUnavailable]
) -> None:
    async def refuse(*_: Any, **__: Any) -> None:
        # As the store's client says it of a disk; nobody but root makes a full one.
        said = f"Unable to copy data to file: {os.strerror(number)} (os error {number})"
        raise GenericError(f"Generic LocalFileSystem error: {said}\n\nDebug source:\n…")

    monkeypatch.setattr(obstore, "put_async", refuse)

    with pytest.raises(StoreUnavailable, match=os.strerror(number)) as refused:
        await Store.open(tmp_path.as_uri()).put("executions/x/a.txt", b"a")

    assert type(refused.value) is kind
