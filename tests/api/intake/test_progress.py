"""Every replica shows how far a run is, whichever of them the runner told."""

from pathlib import Path

import pytest

from podbook_api.artifacts.progress import ProgressBoard
from podbook_api.artifacts.store import Store
from podbook_crds.errors import ClusterUnavailable
from podbook_crds.protocol.intake import Progress


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def at(completed: int) -> Progress:
    return Progress(cells_total=9, cells_completed=completed)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def boards(tmp_path: Path, clock: Clock) -> list[ProgressBoard]:
    return [ProgressBoard(Store.open(f"file://{tmp_path}"), now=clock) for _ in range(2)]


async def test_what_one_replica_was_told_another_shows_a_second_later_at_most(
    boards: list[ProgressBoard], clock: Clock
) -> None:
    one, other = boards
    await one.put("u", at(1))
    assert await other.get("u") == at(1)
    await other.put("u", at(2))

    clock.seconds += 1

    assert await one.get("u") == at(2)


async def test_what_was_told_before_is_not_written_again(
    boards: list[ProgressBoard], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[object] = []
    put = Store.put

    async def counted(store: Store, path: str, data: bytes) -> None:
        written.append(path)
        await put(store, path, data)

    monkeypatch.setattr(Store, "put", counted)
    for completed in (1, 1, 2, 2, 2):
        await boards[0].put("u", at(completed))

    assert len(written) == 2


async def test_a_store_that_is_away_hides_nothing_that_is_known(
    boards: list[ProgressBoard], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> bytes:
        raise ClusterUnavailable("the store does not answer")

    await boards[0].put("u", at(3))
    clock.seconds += 60
    monkeypatch.setattr(Store, "get", away)

    assert await boards[0].get("u") == at(3)
    assert await boards[1].get("u") is None


async def test_what_cannot_be_read_is_no_progress(
    boards: list[ProgressBoard], tmp_path: Path
) -> None:
    folder = tmp_path / "executions" / "u"
    folder.mkdir(parents=True)
    (folder / "progress.json").write_text("{")

    assert await boards[0].get("u") is None
    assert await boards[0].get("nobody") is None
