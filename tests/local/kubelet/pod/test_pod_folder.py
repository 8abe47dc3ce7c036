"""Pods live in folders of their own, and only those are ever deleted."""

import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from podbook_cluster.kubelet.pod import pod_folder
from podbook_cluster.kubelet.pod.pod_folder import OutsidePod

UID = str(uuid4())


def test_a_pods_paths_are_below_its_root(tmp_path: Path) -> None:
    folder = pod_folder.of_pod(tmp_path, UID)

    assert folder.inside("/work/.ipc") == tmp_path / "pods" / UID / "root" / "work" / ".ipc"
    assert folder.inside("work") == folder.root / "work"
    assert folder.inside("/") == folder.root


@pytest.mark.parametrize("path", ["/..", "../x", "/work/../../x", "/a\0b"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(OutsidePod, match="leads out of the pod"):
        pod_folder.of_pod(tmp_path, UID).inside(path)


def test_a_uid_that_is_none_can_name_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="badly formed"):
        pod_folder.of_pod(tmp_path, "../../etc")


def test_folders_are_the_users_alone(tmp_path: Path) -> None:
    folder = pod_folder.of_pod(tmp_path, UID)
    folder.create()

    for path in (
        folder.path.parent,
        folder.path,
        folder.root,
        folder.records,
        folder.log("c").parent,
    ):
        assert path.stat().st_mode & 0o777 == 0o700


def test_only_folders_that_a_kubelet_made_are_found(tmp_path: Path) -> None:
    pod_folder.of_pod(tmp_path, UID).create()
    tmp_path.joinpath("pods", "holiday-pictures").mkdir()

    assert [uid for uid, _ in pod_folder.existing(tmp_path)] == [UID]


def test_logs_stay_when_the_rest_goes(tmp_path: Path) -> None:
    folder = pod_folder.of_pod(tmp_path, UID)
    folder.create()
    folder.log("c").write_text("said")
    folder.remove_root()

    assert not folder.root.exists()
    assert folder.log("c").read_text() == "said"


def test_read_only_folders_go_too(tmp_path: Path) -> None:
    folder = pod_folder.of_pod(tmp_path, UID)
    folder.create()
    locked = folder.root / "locked"
    locked.mkdir()
    locked.joinpath("file").touch()
    locked.chmod(0o500)
    folder.remove()

    assert not folder.path.exists()


def test_a_folder_goes_although_something_writes_its_last(tmp_path: Path) -> None:
    folder = pod_folder.of_pod(tmp_path, UID)
    folder.create()
    script = f"for i in $(seq 300); do echo $i > {folder.records}/$i; done 2> /dev/null"
    writer = subprocess.Popen(["sh", "-c", script])
    folder.remove()
    writer.wait()

    assert not folder.path.exists()


def test_a_link_is_removed_and_not_what_it_leads_to(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir(mode=0o755)
    precious.joinpath("file").touch()
    folder = pod_folder.of_pod(tmp_path, UID)
    folder.create()
    folder.root.joinpath("link").symlink_to(precious)
    folder.remove()

    assert precious.joinpath("file").exists()
    assert precious.stat().st_mode & 0o777 == 0o755
