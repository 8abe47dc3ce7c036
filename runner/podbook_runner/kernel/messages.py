"""Turns the frames of a kernel's message into a message, cutting one that is too large to hold."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from jupyter_client.session import Session

# Bytes. A kernel may print 100 MB within one flush; only its ends will be kept anyway.
STREAM_LIMIT: Final = 4 * 1024 * 1024
KEPT_BYTES: Final = 1024 * 1024

# Bytes of any other message; beyond it the content is not even parsed.
MESSAGE_LIMIT: Final = 64 * 1024 * 1024

_CONTENT_FRAME: Final = 4
_LONGEST_ESCAPE: Final = len(r"\u0000")
_BACKSLASH: Final = ord("\\")
_U: Final = ord("u")

# The second or a later byte of a character in UTF-8.
_CONTINUATION = re.compile(rb"[\x80-\xbf]")
_TEXT = re.compile(rb'"text"\s*:\s*"')
_NAME = re.compile(rb'"name"\s*:\s*"(\w+)"')


# Levels: as many as an output may have, and what it is wrapped in. What is nested deeper could be
# neither written nor read again.
DEPTH_LIMIT: Final = 210

# Under this key a message tells why its content, which is empty then, could not be read.
PROBLEM: Final = "problem"


def deserialised(session: Session, frames: Sequence[Any]) -> dict[str, Any] | None:
    """Return the message in zmq frames, or None where it is none.

    One of which the header alone can be read has no content, and under PROBLEM what is wrong.
    Whatever a kernel sends, nothing is raised.
    """
    try:
        _, parts = session.feed_identities(list(frames), copy=False)
    except ValueError:  # There is no delimiter.
        return None
    try:
        message: dict[str, Any] = session.deserialize(_bytes(parts))
    # A library's reading of what anybody may have written: it raises whatever it trips over.
    except Exception as error:
        header = _object(parts, 1)
        return unreadable(header, _object(parts, 2), _said(error)) if header else None
    header, parent = message["header"], message["parent_header"]
    if not isinstance(header.get("msg_type"), str) or not isinstance(parent, dict):
        return unreadable({}, parent, "its header is not as the protocol has it")
    if not isinstance(message["content"], dict):
        return unreadable(header, parent, "its content is no object")
    if is_deeper(message["content"], DEPTH_LIMIT):
        return unreadable(header, parent, f"it is nested more than {DEPTH_LIMIT} levels deep")
    return message


def unreadable(header: object, parent: object, why: str) -> dict[str, Any]:
    """Return a message that stands for one that cannot be read, with as much as is known of it."""
    header = header if isinstance(header, dict) else {}
    kind = header.get("msg_type")
    return {
        "header": header,
        "parent_header": parent if isinstance(parent, dict) else {},
        "msg_type": kind if isinstance(kind, str) else "",
        "metadata": {},
        "content": {},
        "buffers": [],
        PROBLEM: why,
    }


def is_deeper(value: Any, levels: int) -> bool:
    """Tell whether lists and objects stand in each other more than so many levels deep."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    holders = (child for child in inner if isinstance(child, dict | list))
    return levels == 0 or any(is_deeper(child, levels - 1) for child in holders)


def _object(parts: Sequence[Any], place: int) -> object:
    """Return what JSON stands in a frame, or None."""
    try:
        return json.loads(parts[place].bytes)
    except (ValueError, IndexError, RecursionError):
        return None


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep to be read"
    return f"{type(error).__name__}: {error}"[:200]


def _bytes(parts: Sequence[Any]) -> list[bytes]:
    if len(parts) <= _CONTENT_FRAME or len(parts[_CONTENT_FRAME].buffer) <= STREAM_LIMIT:
        return [part.bytes for part in parts]
    header = json.loads(parts[1].bytes)
    content = parts[_CONTENT_FRAME].buffer
    if header.get("msg_type") == "stream":
        short = _short_stream(content)
    elif len(content) > MESSAGE_LIMIT:
        short = _left_out(header.get("msg_type"), len(content))
    else:
        return [part.bytes for part in parts]
    return [*(part.bytes for part in parts[:_CONTENT_FRAME]), json.dumps(short).encode()]


def _short_stream(content: memoryview) -> dict[str, Any]:
    first, last = _boundary(content, KEPT_BYTES), _boundary(content, len(content) - KEPT_BYTES)
    head, tail = bytes(content[:first]), bytes(content[last:])
    start = _TEXT.search(head)
    name = _NAME.search(head) or _NAME.search(tail)
    ending = tail[: tail.rindex(b'"', 0, _end_of_text(tail))]
    left_out = f"\n… {last - first:,} bytes were left out here …\n"
    return {
        "name": name.group(1).decode() if name else "stdout",
        "text": _decoded(head[start.end() if start else 0 :]) + left_out + _decoded(ending),
    }


def _end_of_text(tail: bytes) -> int:
    """Return where the text's closing quote may be at the latest: before `"name"` or the brace."""
    name = _NAME.search(tail)
    return name.start() if name and tail.rstrip().endswith(b"}") else len(tail)


def _boundary(content: memoryview, place: int) -> int:
    """Return the first place from there on that is neither in a character nor in an escape."""
    for start in range(max(0, place - _LONGEST_ESCAPE + 1), place):
        if content[start] == _BACKSLASH and _backslashes_before(content, start) % 2 == 0:
            length = _LONGEST_ESCAPE if content[start + 1] == _U else 2
            place = max(place, start + length)
    while _CONTINUATION.match(content, place):
        place += 1
    return place


def _backslashes_before(content: memoryview, place: int) -> int:
    count = 0
    while count < place and content[place - 1 - count] == _BACKSLASH:
        count += 1
    return count


def _decoded(piece: bytes) -> str:
    """Return the text of a piece of a JSON string."""
    text: str = json.loads(b'"%s"' % piece, strict=False)
    return text


def _left_out(kind: object, size: int) -> dict[str, Any]:
    sentence = (
        f"[Podbook: an output of {size:,} bytes was left out; the limit is {MESSAGE_LIMIT:,}]"
    )
    if kind == "execute_reply":
        return {"status": "error", "ename": "Error", "evalue": sentence, "traceback": []}
    if kind == "error":
        return {"ename": "Error", "evalue": sentence, "traceback": []}
    return {"data": {"text/plain": sentence}, "metadata": {}}
