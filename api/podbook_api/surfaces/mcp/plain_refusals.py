"""Says in the protocol's words what the protocol's library says in those of Python."""

import json
from http import HTTPStatus
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

# How the library begins what pydantic said of a message, with the names of its own classes.
_OF_THE_LIBRARY: Final = "Validation error"
_NO_MESSAGE: Final = (
    'the body is no message: one is an object with "jsonrpc": "2.0", "method" and, where an answer '
    'is wanted, "id"'
)


def plain(send: Send) -> Send:
    """Return what sends on, with a refusal's sentence in plain words; other answers as they are."""
    held: list[Message] = []

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == HTTPStatus.BAD_REQUEST:
            held.append(message)
        elif held and message["type"] == "http.response.body":
            begun = held.pop()
            body = _in_plain_words(message.get("body", b""))
            MutableHeaders(raw=begun["headers"])["content-length"] = str(len(body))
            await send(begun)
            await send({**message, "body": body})
        else:
            await send(message)

    return sent


def _in_plain_words(body: bytes) -> bytes:
    try:
        answer: Any = json.loads(body)
        said = str(answer["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return body
    if not said.startswith(_OF_THE_LIBRARY):
        return body
    answer["error"]["message"] = _NO_MESSAGE
    return json.dumps(answer).encode()
