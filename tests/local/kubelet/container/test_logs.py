"""A log is bounded on disk and loses its oldest lines first."""

import shutil
from pathlib import Path

from podbook_cluster.kubelet.container.logs import LogFile


def test_output_is_kept_as_it_was_written(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "c.log", limit=100)
    log.write(b"one\n")
    log.write(b"two\n")
    log.close()

    assert tmp_path.joinpath("c.log").read_bytes() == b"one\ntwo\n"
    assert tmp_path.joinpath("c.log").stat().st_mode & 0o777 == 0o600


def test_a_full_log_moves_aside_and_one_older_file_is_kept(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "c.log", limit=10)
    for chunk in (b"aaaaaaaa", b"bbbbbbbb", b"cccccccc"):
        log.write(chunk)
    log.close()

    assert tmp_path.joinpath("c.log").read_bytes() == b"cccccccc"
    assert tmp_path.joinpath("c.log.1").read_bytes() == b"bbbbbbbb"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_log_whose_folder_is_gone_stays_bounded(tmp_path: Path) -> None:
    """Whoever wrote to it must live on, and a file that nobody sees must not fill the disk."""
    folder = tmp_path / "logs"
    folder.mkdir()
    log = LogFile(folder / "c.log", limit=10)
    with folder.joinpath("c.log").open("rb") as seen:
        shutil.rmtree(folder)
        for chunk in (b"aaaaaaaa", b"bbbbbbbb"):
            log.write(chunk)
        log.close()

        assert seen.read() == b"bbbbbbbb"
