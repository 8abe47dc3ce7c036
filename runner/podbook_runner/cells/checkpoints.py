"""Keeps the executed notebook as far as it got: at most 10 s old, at most 2 % of the time."""

import threading
import time
from collections.abc import Callable
from typing import Final

from podbook_runner.handing_in.intake import Upload
from podbook_runner.handing_in.uploads import notebook_upload

INTERVAL_SECONDS: Final = 10.0
TIME_SHARE: Final = 0.02


class Checkpoints:
    """Sends the notebook now and then, in a thread of its own, never two at a time."""

    def __init__(
        self,
        render: Callable[[], bytes],
        send: Callable[[Upload], None],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._render = render
        self._send = send
        self._now = now
        self._due = now() + INTERVAL_SECONDS
        self._sender: threading.Thread | None = None

    def take_if_due(self) -> None:
        """Render and send the notebook if the last time is long enough ago."""
        began = self._now()
        if began < self._due or (self._sender is not None and self._sender.is_alive()):
            return
        upload = notebook_upload(self._render())
        ended = self._now()
        self._due = ended + max(INTERVAL_SECONDS, (ended - began) / TIME_SHARE)
        self._sender = threading.Thread(target=self._send, args=(upload,), daemon=True)
        self._sender.start()

    def wait(self, timeout: float) -> None:
        """Wait until no checkpoint is on its way: an old one must not overtake the last."""
        if self._sender is not None:
            self._sender.join(timeout)
