import os
from pathlib import Path

import pytest

from podbook_crds.formats.whole_files import write_whole


def test_a_text_takes_the_place_of_another_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_text("before")
    held = path.open()

    write_whole(path, "größer\n", mode=0o600)

    # Who had opened it reads on in what it was.
    with held:
        assert held.read() == "before"
    assert path.read_bytes() == "größer\n".encode()
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["kept.json"]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_text("before")

    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")

    assert path.read_text() == "before"
