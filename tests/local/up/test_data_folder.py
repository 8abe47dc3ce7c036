import os
from pathlib import Path

import pytest

from podbook_local.up.data_folder import DataFolder, FolderHeld, default_for, held, is_held


def test_every_catalog_has_a_folder_of_its_own_below_the_users_data() -> None:
    environment = {"XDG_DATA_HOME": "/data", "HOME": "/home/me"}

    one = default_for(Path("/a/notebooks"), environment).path
    other = default_for(Path("/b/notebooks"), environment).path

    assert one.parent == other.parent == Path("/data/podbook")
    assert one.name.startswith("notebooks-")
    assert one != other
    assert default_for(Path("/a/notebooks"), environment).path == one


def test_without_xdg_it_is_below_the_home() -> None:
    assert default_for(Path("/a"), {"HOME": "/home/me"}).path.parent == Path(
        "/home/me/.local/share/podbook"
    )


def test_only_its_user_can_look_into_it(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.make()
    folder.write_secret(folder.kubeconfig, "token")

    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert folder.kubeconfig.stat().st_mode & 0o777 == 0o600


def test_a_secret_stays_the_same(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)

    assert folder.secret(tmp_path / "key") == folder.secret(tmp_path / "key")
    assert len(folder.secret(tmp_path / "key")) == 64


def test_a_folder_that_is_held_is_refused_with_the_process_that_holds_it(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.write_state({"url": "http://127.0.0.1:1"})
    with held(folder):
        assert is_held(folder)
        with pytest.raises(FolderHeld) as told, held(folder):
            pass

    assert f"process {os.getpid()} at http://127.0.0.1:1" in str(told.value)
    assert not is_held(folder)


def test_a_state_that_is_no_json_is_no_state(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.state.write_text("{")

    assert folder.read_state() == {}
