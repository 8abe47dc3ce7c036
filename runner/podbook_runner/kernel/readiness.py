"""Waits until the kernel answers and what it shows arrives: the moment the deadline counts from."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from podbook_runner.kernel.client import Kernel, KernelDied, Message
from podbook_runner.kernel.listening import has_left
from podbook_runner.stops import Stops

# Seconds. A kernel that answers while nothing it shows arrives is asked again: zmq drops what is
# shown before the subscription has reached the kernel.
ASK_AGAIN_SECONDS: Final = 0.1

# Seconds. As long as nothing at all was heard, we look whether there is a kernel to be heard.
LOOK_SECONDS: Final = 1.0

# A socket refuses between its binding and its listening, too.
REFUSALS: Final = 2


class StoppedBeforeReady(Exception):
    """The run was ended from outside before the kernel had answered."""


class NotReady(Exception):
    """The kernel listens and did not answer in time."""


class SetupFailed(Exception):
    """The kernel refused the first request; the message is what it said."""


@dataclass
class _Boot:
    request: str
    info_request: str
    info: dict[str, Any] | None = None
    reply: dict[str, Any] | None = None
    heard: bool = False
    refusals: int = 0

    def look(self, connection_file: Path) -> None:
        """Raise KernelDied where the kernel ended before there was a connection to break."""
        self.refusals = self.refusals + 1 if has_left(connection_file) else 0
        if self.refusals >= REFUSALS:
            raise KernelDied

    def hear(self, message: Message) -> None:
        self.heard = self.heard or message.channel == "iopub"
        if message.kind == "kernel_info_reply":
            self.info = message.content
        if message.kind == "execute_reply" and message.parent == self.request:
            self.reply = message.content

    def is_over(self) -> bool:
        return self.heard and self.info is not None and self.reply is not None


def wait_until_ready(
    kernel: Kernel, code: str, stops: Stops, *, connection_file: Path, within_seconds: float
) -> dict[str, Any]:
    """Run the first request; return the kernel's info.

    Raises KernelDied, StoppedBeforeReady, NotReady and SetupFailed. Until the claim the operator
    judges how long a pod may take to start; from then on only the runner knows that nothing runs.
    """
    deadline = time.monotonic() + within_seconds
    boot = _Boot(info_request=kernel.ask_what_it_is(), request=kernel.execute(code, silent=True))
    while not boot.is_over():
        if stops.reason() is not None:
            raise StoppedBeforeReady
        if (left := deadline - time.monotonic()) <= 0:
            raise NotReady
        answered = boot.reply is not None and boot.info is not None
        heard = 0
        for message in kernel.listen(ASK_AGAIN_SECONDS if answered else min(left, LOOK_SECONDS)):
            boot.hear(message)
            heard += 1
        stops.acknowledge()
        if answered and not heard:
            kernel.ask_what_it_is()
        if not heard and not answered:
            boot.look(connection_file)
    if boot.reply is not None and boot.reply.get("status") != "ok":
        raise SetupFailed(f"{boot.reply.get('ename')}: {boot.reply.get('evalue')}")
    return boot.info or {}
