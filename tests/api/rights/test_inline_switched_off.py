"""An API that takes no notebooks with their calls says so, to whoever may do everything else."""

from pathlib import Path

import pytest

from podbook_api.auth.authentication import Callers
from podbook_api.auth.executing import Executing
from podbook_api.auth.rbac import User
from podbook_api.http.problems import Problem
from podbook_api.settings import Settings
from podbook_api.state.cluster import Cluster

SOMEBODY = User("somebody")


def _executing(folder: Path, *, inline: bool) -> Executing:
    callers = Callers(Settings(namespace="default"), Cluster(folder / "none", "default"))
    return Executing(callers, lambda _, name: name, inline=inline)


async def test_a_notebook_that_comes_along_is_refused_and_one_of_the_catalog_is_not(
    tmp_path: Path,
) -> None:
    executing = _executing(tmp_path, inline=False)

    await executing.one(SOMEBODY, "analysis")
    with pytest.raises(Problem, match=r"no notebook that comes with its call \(runs\.inline") as no:
        await executing.inline(SOMEBODY)

    assert (no.value.status, no.value.kind) == (403, "inline-is-off")
    await _executing(tmp_path, inline=True).inline(SOMEBODY)
