"""A container's last words are those that a kubelet would pass on."""

import os
from pathlib import Path
from typing import Any

import pytest

from podbook_cluster.kubelet.container import termination

FALLBACK = {"terminationMessagePolicy": "FallbackToLogsOnError"}


def read(tmp_path: Path, container: dict[str, Any], *, exit_code: int = 0, count: int = 1) -> str:
    return termination.message(
        container,
        file=tmp_path / "message",
        log=tmp_path / "log",
        exit_code=exit_code,
        containers=count,
    )


def test_the_file_is_the_message(tmp_path: Path) -> None:
    tmp_path.joinpath("message").write_text("all is well")

    assert read(tmp_path, {}) == "all is well"


def test_a_message_is_cut_at_4096_bytes(tmp_path: Path) -> None:
    tmp_path.joinpath("message").write_text("x" * 5000)

    assert read(tmp_path, {}) == "x" * 4096


def test_many_containers_share_twelve_kibibytes(tmp_path: Path) -> None:
    tmp_path.joinpath("message").write_text("x" * 5000)

    assert len(read(tmp_path, {}, count=6)) == 2048


def test_a_cut_character_is_left_out(tmp_path: Path) -> None:
    tmp_path.joinpath("message").write_text("x" + "é" * 3000)

    assert read(tmp_path, {}) == "x" + "é" * 2047


@pytest.mark.parametrize(
    ("container", "exit_code", "message"),
    [
        pytest.param(FALLBACK, 1, "last line\n", id="a failure speaks by its log"),
        pytest.param(FALLBACK, 0, "", id="a success doesn't"),
        pytest.param({}, 1, "", id="nor one without that policy"),
    ],
)
def test_the_log_stands_in_for_the_file(
    tmp_path: Path, container: dict[str, Any], exit_code: int, message: str
) -> None:
    tmp_path.joinpath("log").write_text("last line\n")

    assert read(tmp_path, container, exit_code=exit_code) == message


def test_the_file_comes_before_the_log(tmp_path: Path) -> None:
    tmp_path.joinpath("message").write_text("written")
    tmp_path.joinpath("log").write_text("printed")

    assert read(tmp_path, FALLBACK, exit_code=1) == "written"


def test_of_a_log_the_last_2048_bytes_and_80_lines_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"{number}\n" for number in range(1000)))
    assert read(tmp_path, FALLBACK, exit_code=1).splitlines() == [str(n) for n in range(920, 1000)]

    log.write_text("y" * 10_000)
    assert read(tmp_path, FALLBACK, exit_code=1) == "y" * 2048


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    tmp_path.joinpath("secret").write_text("key")
    tmp_path.joinpath("message").symlink_to(tmp_path / "secret")

    assert read(tmp_path, {}) == ""


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "message")

    assert read(tmp_path, {}) == ""
