"""One running Podbook for the tests of the command line and the client."""

from collections.abc import Iterator

import pytest

from rig.ipynb import notebook
from rig.running import RunningPodbook, running

ECHO = notebook(
    "from podbook import save_output\nprint('echoing')\nsave_output({'got': value})",
    parameters="value = 'default'",
)


@pytest.fixture(scope="session")
def podbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPodbook]:
    folder = tmp_path_factory.mktemp("catalog")
    # Where the command line looks for running servers, instead of the user's own.
    data = tmp_path_factory.mktemp("home") / "podbook" / "catalog"
    data.mkdir(parents=True)
    with running(folder, data) as started:
        started.put(
            "echo", ECHO, {"input": {"properties": {"value": {}, "code": {"type": "string"}}}}
        )
        started.put("raises", notebook("print('so far')", "raise KeyError('missing')"))
        yield started
