"""What `make cluster` says where a build of the real cluster takes too long or fails."""

import signal
import sys

import pytest

from tests.cluster import __main__ as words
from tests.cluster import commands, machine

_WAITS = (sys.executable, "-c", "import time; time.sleep(600)")


def test_a_program_that_does_not_end_is_named() -> None:
    with pytest.raises(commands.NotInTime, match=r"time\.sleep.* not done within 0 s"):
        commands.run(*_WAITS, seconds=0.2)


def test_a_build_that_does_not_end_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine, "require", lambda: commands.run(*_WAITS, seconds=0.2))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["tests.cluster", "up"])

    assert words.main() == 1

    said = "".join(capsys.readouterr())
    assert "cluster: " in said
    assert "not done within" in said
