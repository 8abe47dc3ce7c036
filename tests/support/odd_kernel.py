"""A kernel whose cells say, message by message and byte by byte, what it sends: `python FILE -f …`.

A cell is Python with four names: `show(kind, content)` sends a message, `content` an object or the
bytes of one; `frames(*parts)` sends what need be no message; `ask(prompt)` asks for input and
returns what was answered; `reply(content)` says what the answer to the cell is.
"""

import json
import sys
from typing import Any

import zmq
from jupyter_client.session import DELIM, Session

_OK = {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}


class OddKernel:
    """Serves one client until it is told to leave."""

    def __init__(self, connection: dict[str, Any]) -> None:
        context: zmq.Context[Any] = zmq.Context.instance()
        self._session = Session(key=b"")
        kinds = {"shell": zmq.ROUTER, "control": zmq.ROUTER, "stdin": zmq.ROUTER, "iopub": zmq.XPUB}
        self._sockets = {name: context.socket(kind) for name, kind in kinds.items()}
        for name, socket in self._sockets.items():
            socket.bind(f"ipc://{connection['ip']}-{connection[f'{name}_port']}")
        self._parent: dict[str, Any] = {}
        self._ident: list[bytes] = []

    def serve(self) -> None:
        poller = zmq.Poller()
        for name in ("shell", "control"):
            poller.register(self._sockets[name], zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                self._ident, parts = self._session.feed_identities(socket.recv_multipart())
                self._parent = self._session.deserialize(parts)
                if self._parent["msg_type"] == "shutdown_request":
                    return
                if socket is self._sockets["shell"]:
                    self._answer()

    def _answer(self) -> None:
        self._show("status", {"execution_state": "busy"})
        if self._parent["msg_type"] == "kernel_info_request":
            info = {"status": "ok", "protocol_version": "5.3", "language_info": {"name": "odd"}}
            self._send("shell", "kernel_info_reply", info, self._ident)
        else:
            answer: list[Any] = [_OK]
            names = {
                "show": self._show,
                "frames": lambda *parts: self._sockets["iopub"].send_multipart(parts),
                "shell": lambda *parts: self._sockets["shell"].send_multipart(
                    [*self._ident, *parts]
                ),
                "ask": self._ask,
                "reply": lambda content: answer.__setitem__(0, content),
            }
            exec(self._parent["content"]["code"], names)
            if answer[0] is not None:
                self._send("shell", "execute_reply", answer[0], self._ident)
        self._show("status", {"execution_state": "idle"})

    def _show(self, kind: str, content: Any, **header: Any) -> None:
        self._send("iopub", kind, content, [b"topic"], **header)

    def _ask(self, prompt: Any) -> Any:
        self._send("stdin", "input_request", {"prompt": prompt, "password": False}, self._ident)
        _, parts = self._session.feed_identities(self._sockets["stdin"].recv_multipart())
        return self._session.deserialize(parts)["content"]["value"]

    def _send(
        self, channel: str, kind: str, content: Any, ident: list[bytes], **header: Any
    ) -> None:
        head = {**self._session.msg_header(kind), **header}
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        text = [json.dumps(part, default=str).encode() for part in (head, self._parent["header"])]
        self._sockets[channel].send_multipart([*ident, DELIM, b"", *text, b"{}", body])


if __name__ == "__main__":
    with open(sys.argv[-1]) as file:
        OddKernel(json.load(file)).serve()
