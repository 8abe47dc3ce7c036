"""Tells people at the terminal of each run: when it starts, how it ended, and where its page is."""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from podbook_crds.formats.durations import spelled
from podbook_local.up.rest import Rest

_AGAIN_SECONDS: Final = 1.0
# The API says something at least every 15 seconds.
_SILENCE_SECONDS: Final = 60.0
_FINAL: Final = frozenset({"Succeeded", "Failed", "Cancelled"})
_SHORT: Final = 8
_MESSAGE: Final = 100


class RunsTold:
    """Follows every execution of one API, in a thread that ends with the process."""

    def __init__(self, rest: Rest, say: Callable[[str], None]) -> None:
        self._rest = rest
        self._say = say
        # When each one that runs was seen to start.
        self._running: dict[str, float] = {}

    def begin(self) -> None:
        """Follow from now on."""
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        while True:
            # An API that is being started again is connected to again.
            with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
                self._rest.lines(
                    "/v1/events", self._take, began=self._catch_up, seconds=_SILENCE_SECONDS
                )
            time.sleep(_AGAIN_SECONDS)

    def _catch_up(self) -> None:
        """Ask for the runs whose ends may have been missed while nobody listened."""
        for name in list(self._running):
            status, view = self._rest.call("GET", f"/v1/executions/{quote(name, safe='')}")
            if status == http.client.OK:
                self.take({**view, "execution": name})
            else:
                del self._running[name]

    def _take(self, line: bytes) -> None:
        if line.strip():
            self.take(json.loads(line))

    def take(self, change: dict[str, Any]) -> None:
        """Tell of a change, if it is a start or an end."""
        name, phase = str(change["execution"]), change["phase"]
        called = f"{name[:_SHORT]}  {change['notebook'] or 'inline'}"
        if phase == "Running" and name not in self._running:
            self._running[name] = time.monotonic()
            self._say(f"{called}  runs")
        elif phase in _FINAL:
            began = self._running.pop(name, None)
            took = "" if began is None else f" after {spelled(time.monotonic() - began)}"
            page = f"{self._rest.url}/executions/{quote(name, safe='')}"
            self._say(f"{called}  {phase}{took}{_why(change)}  {page}")


def _why(change: dict[str, Any]) -> str:
    if change["phase"] != "Failed":
        return ""
    said = "".join(c if c.isprintable() else " " for c in str(change["message"] or ""))
    return f" ({': '.join(filter(None, (change['reason'], said[:_MESSAGE])))})"
