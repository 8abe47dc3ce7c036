"""The files that begin first are there."""

from tests.conftest import LONG, TESTS


def test_every_long_file_is_there() -> None:
    assert [name for name in LONG if not (TESTS / name).is_file()] == []
