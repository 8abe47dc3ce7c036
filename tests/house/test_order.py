"""What begins first and what stays together is there."""

from tests.conftest import LONG, TESTS, TOGETHER, piece_of_work


def test_every_long_one_is_there() -> None:
    assert [name for name in LONG if not (TESTS / name).exists()] == []


def test_every_folder_that_stays_together_is_there_and_has_something_to_share() -> None:
    assert [name for name in TOGETHER if not (TESTS / name / "conftest.py").is_file()] == []


def test_a_worker_takes_such_a_folder_whole_and_of_others_files() -> None:
    files = ["tests/path/test_1.py", "tests/path/test_2.py", "tests/paths/test_3.py"]

    assert [piece_of_work(file) for file in files] == ["path", "path", files[2]]
