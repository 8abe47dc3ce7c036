"""Speaks to the kernel over its sockets, and notices at once when it dies."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.session import Session
from zmq.utils.monitor import recv_monitor_message

from podbook_runner.kernel.messages import PROBLEM, deserialised, unreadable

# Milliseconds. The kernel boots while we already knock: zmq's own pause of 100 would be waited out.
RECONNECT_MILLISECONDS: Final = 5

# Never given up: zmq's own 30 s would make a kernel that is slow to say hello look like a dead one.
HANDSHAKE_MILLISECONDS: Final = 0

# How long the last request may take to reach a kernel that is there.
LINGER_MILLISECONDS: Final = 500

# What the kernel may show faster than we read; beyond that zmq drops messages.
RECEIVE_LIMIT: Final = 100_000

MESSAGES_AT_A_TIME: Final = 100

# Channels on which no last word is worth waiting for.
_ONE_WAY: Final = frozenset({"iopub", "stdin"})

Content = dict[str, Any]


class KernelDied(Exception):
    """The kernel's end of the connection is gone."""


class Message(NamedTuple):
    """What the kernel said, and on which channel.

    shell and control answer, iopub shows, stdin asks.
    """

    channel: str
    body: dict[str, Any]

    @property
    def parent(self) -> str:
        """The id of the request that it belongs to."""
        return str(self.body["parent_header"].get("msg_id", ""))

    @property
    def kind(self) -> str:
        """The message's type, such as execute_reply."""
        return str(self.body["msg_type"])

    @property
    def content(self) -> Content:
        """The message's content."""
        content: Content = self.body["content"]
        return content

    @property
    def problem(self) -> str:
        """Why it could not be read, and its content is empty; "" for all but broken ones."""
        return str(self.body.get(PROBLEM, ""))


class Kernel:
    """One kernel, reached through its connection file."""

    def __init__(self, connection_file: Path, *, wakeup: int) -> None:
        self._context = zmq.Context()
        self._context.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MILLISECONDS)
        self._context.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE_MILLISECONDS)
        self._context.setsockopt(zmq.RCVHWM, RECEIVE_LIMIT)
        self.client = BlockingKernelClient(context=self._context)
        self.client.load_connection_file(str(connection_file))
        # Some kernels ask on stdin though each request says that nobody is there to answer.
        self.client.start_channels(hb=False)
        self._session: Session = self.client.session
        self._sockets: dict[Any, str] = {
            self.client.shell_channel.socket: "shell",
            self.client.iopub_channel.socket: "iopub",
            self.client.control_channel.socket: "control",
            self.client.stdin_channel.socket: "stdin",
        }
        shell = self.client.shell_channel.socket
        self._monitor = shell.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._died = False
        self._poller = zmq.Poller()
        for watched in (*self._sockets, self._monitor, wakeup):
            self._poller.register(watched, zmq.POLLIN)

    def execute(self, code: str, *, silent: bool = False) -> str:
        """Ask for code to be run; return the request's id."""
        return str(
            self.client.execute(
                code,
                silent=silent,
                store_history=not silent,
                allow_stdin=False,
                stop_on_error=False,
            )
        )

    def ask_what_it_is(self) -> str:
        """Ask for the kernel's info; return the request's id."""
        return str(self.client.kernel_info())

    def ask_what_it_uses(self) -> str:
        """Ask on the control channel for memory and CPU; return the request's id."""
        return self._control("usage_request", {})

    def interrupt(self) -> None:
        """Ask the kernel to stop what it is doing; not every kernel can."""
        self._control("interrupt_request", {})

    def refuse_input(self, *, language: str) -> None:
        """Let a cell that asks for input fail; before it is answered, it waits for ever.

        R does not listen for an interrupt while it asks, and raises at what is no message. Other
        kernels would end at that, but take the interrupt: an empty answer only lets them see it.
        """
        self.interrupt()
        channel = self.client.stdin_channel
        if language.lower() == "r":
            channel.socket.send(b"nobody is there to answer")
        else:
            channel.send(self._session.msg("input_reply", {"value": ""}))

    def end(self, *, python: bool, idle: bool) -> None:
        """Let the kernel end, without waiting for it.

        An idle Python kernel leaves at once; `shutdown_request` keeps some alive for seconds.
        """
        with suppress(zmq.ZMQError):
            if python and idle:
                self.execute("__import__('os')._exit(0)", silent=True)
            else:
                self._control("shutdown_request", {"restart": False})

    def close(self) -> None:
        """Let go of the sockets; what was sent to a kernel that is there still arrives."""
        self.client.shell_channel.socket.disable_monitor()
        self._monitor.close(linger=0)
        for socket, channel in self._sockets.items():
            # What nothing is sent on waits for a kernel that has left to come back.
            socket.close(linger=0 if channel in _ONE_WAY else LINGER_MILLISECONDS)
        self._context.term()

    def listen(self, timeout: float | None) -> Iterator[Message]:
        """Yield what has arrived, after waiting at most so many seconds for the first of it.

        Raises KernelDied when the connection broke and nothing is left to read.
        """
        milliseconds = None if timeout is None else max(0, int(timeout * 1000))
        if self._died:
            milliseconds = 0
        ready = dict(self._poller.poll(milliseconds))
        if self._monitor in ready:
            self._died = self._died or self._disconnected()
        for socket, channel in self._sockets.items():
            if socket in ready or self._died:
                yield from self._received(socket, channel)
        if self._died:
            raise KernelDied

    def _received(self, socket: Any, channel: str) -> Iterator[Message]:
        """Yield the messages of one socket that are there now.

        At most some, for others wait too; all of them where the kernel will send no more.
        """
        for _ in count() if self._died else range(MESSAGES_AT_A_TIME):
            try:
                frames = socket.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            body = deserialised(self._session, frames)
            yield Message(channel, body or unreadable({}, {}, "it is no message of the protocol"))

    def _disconnected(self) -> bool:
        event = recv_monitor_message(self._monitor, zmq.NOBLOCK)
        return bool(event["event"] == zmq.EVENT_DISCONNECTED)

    def _control(self, kind: str, content: Content) -> str:
        message = self._session.msg(kind, content)
        self.client.control_channel.send(message)
        return str(message["header"]["msg_id"])
