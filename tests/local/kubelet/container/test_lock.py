"""One kubelet at a time has a data folder."""

from pathlib import Path

import pytest

from podbook_cluster.kubelet import lock


async def test_a_second_one_is_refused_by_name(tmp_path: Path) -> None:
    async with lock.held(tmp_path / "kubelet.lock"):
        with pytest.raises(lock.DataDirInUse, match=str(tmp_path)):
            async with lock.held(tmp_path / "kubelet.lock", patience_seconds=0.1):
                pass


async def test_the_next_one_may_have_it(tmp_path: Path) -> None:
    for _ in range(2):
        async with lock.held(tmp_path / "kubelet.lock", patience_seconds=0.1):
            pass
