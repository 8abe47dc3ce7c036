"""The kubelet on its own is told by its environment."""

from pathlib import Path

import pytest

from podbook_cluster.kubelet.settings import KubeletSettings, MissingSetting, from_environment

NEEDED = {
    "PODBOOK_KUBELET_SERVER": "http://127.0.0.1:1",
    "PODBOOK_KUBELET_TOKEN": "t",
    "PODBOOK_KUBELET_DATA_DIR": "/data",
}


def test_what_is_needed_is_enough() -> None:
    assert from_environment(NEEDED) == KubeletSettings(
        server="http://127.0.0.1:1", token="t", data_dir=Path("/data")
    )


def test_everything_can_be_said() -> None:
    found = from_environment(
        {
            **NEEDED,
            "PODBOOK_KUBELET_BIN_DIR": "/bin",
            "PODBOOK_KUBELET_NODE_NAME": "desk",
            "PODBOOK_KUBELET_INHERIT_ENVIRONMENT": "false",
            "PODBOOK_KUBELET_MEMORY_LIMITS": "true",
            "PODBOOK_KUBELET_STOP_WITH_PARENT": "1",
            "PODBOOK_KUBELET_ORPHAN_GRACE_SECONDS": "2.5",
        }
    )

    assert (found.bin_dir, found.node_name) == (Path("/bin"), "desk")
    assert found.orphan_grace_seconds == 2.5
    assert (found.inherit_environment, found.memory_limits, found.stop_with_parent) == (
        False,
        True,
        True,
    )


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(MissingSetting, match=name):
        from_environment({key: value for key, value in NEEDED.items() if key != name})
