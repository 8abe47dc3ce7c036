"""What a cell's reply means: it went well, it raised, or it ended the notebook on purpose."""

from typing import Any

import pytest

from podbook_runner.cells_end import Raised, asks_to_end, raised_by


def error(name: str, value: str) -> dict[str, Any]:
    return {"status": "error", "ename": name, "evalue": value, "traceback": ["line"]}


@pytest.mark.parametrize(
    ("reply", "raised", "ends"),
    [
        pytest.param({"status": "ok"}, None, False, id="it went well"),
        pytest.param({"status": "ok", "payload": []}, None, False, id="with a payload"),
        pytest.param(
            {"status": "ok", "payload": [{"source": "ask_exit"}]}, None, True, id="exit and quit"
        ),
        pytest.param(
            error("ValueError", "no"), Raised("ValueError", "no", ["line"]), False, id="it raised"
        ),
        pytest.param(error("SystemExit", ""), None, True, id="sys.exit()"),
        pytest.param(error("SystemExit", "0"), None, True, id="sys.exit(0)"),
        pytest.param(error("SystemExit", "None"), None, True, id="sys.exit(None)"),
        pytest.param(
            error("SystemExit", "3"), Raised("SystemExit", "3", ["line"]), False, id="sys.exit(3)"
        ),
        pytest.param(
            error("ValueError", "0"), Raised("ValueError", "0", ["line"]), False, id="raised 0"
        ),
        pytest.param({"status": "aborted"}, Raised("aborted", ""), False, id="aborted"),
        pytest.param({}, Raised("Error", ""), False, id="a reply that says nothing"),
    ],
)
def test_a_reply(reply: dict[str, Any], raised: Raised | None, ends: bool) -> None:
    assert (raised_by(reply), asks_to_end(reply)) == (raised, ends)
