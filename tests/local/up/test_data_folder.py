import os
import pwd
import threading
from pathlib import Path

import pytest

from podbook_local.up.data_folder import (
    DataFolder,
    FolderHeld,
    FolderUnusable,
    default_for,
    held,
    is_held,
)


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


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="no HOME"),
        pytest.param({"HOME": ""}, id="an empty HOME"),
        pytest.param({"HOME": "me", "XDG_DATA_HOME": "data"}, id="relative paths"),
    ],
)
def test_without_a_home_in_the_environment_the_accounts_own_counts(
    environment: dict[str, str],
) -> None:
    home = pwd.getpwuid(os.getuid()).pw_dir

    assert default_for(Path("/a"), environment).path.is_relative_to(home)


def test_without_any_home_it_asks_for_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)

    with pytest.raises(FolderUnusable, match=r"no home folder is known .* --data-dir names"):
        default_for(Path("/a"), {})


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(FolderUnusable) as told:
        DataFolder(tmp_path / "file" / "data").make()

    assert str(tmp_path / "file" / "data") in str(told.value)
    assert "Not a directory); --data-dir names another folder" in str(told.value)


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


def test_looking_whether_it_is_held_refuses_nobody(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            is_held(folder)

    (tmp_path / "lock").touch()
    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(50):
            with held(folder):
                pass
    finally:
        over.set()
        looking.join()


def test_a_state_that_is_no_json_is_no_state(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.state.write_text("{")

    assert folder.read_state() == {}
