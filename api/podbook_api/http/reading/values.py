"""Reads what runs left into what answers hold: outputs, and whole files as texts."""

import json
from itertools import islice
from typing import Any, Final

from podbook_api.http.large_bodies import AT_ONCE
from podbook_api.http.problems import Problem
from podbook_api.http.reading.reader import Reader, Unreadable
from podbook_api.http.reading.written_json import WrittenJson
from podbook_crds.bounded_processes.serving import Refusal
from podbook_crds.formats import strict_json

# Characters of a value's beginning.
_BEGINNING: Final = 16 * 1024


async def output(reader: Reader, data: bytes) -> Any:
    """Return the value, WrittenJson where it is large; raise Unreadable, or Busy."""
    if len(data) <= AT_ONCE:
        try:
            return strict_json.parse(data)
        except strict_json.NotJson as error:
            raise Unreadable(str(error)) from error
    line, _, text = (await reader.ask(written, {}, data)).partition(b"\n")
    return WrittenJson(text, json.loads(line))


async def text(reader: Reader, data: bytes) -> str | WrittenJson:
    """Return a file as the JSON of its text; raise Problem where that takes too much, or Busy."""
    if len(data) <= AT_ONCE:
        return data.decode("utf-8", "replace")
    try:
        return WrittenJson(await reader.ask(quoted, {}, data))
    except Unreadable as error:
        detail = f"{error}; the notebook itself is the artifact notebook.ipynb"
        title = "The notebook cannot be shown inside an answer"
        raise Problem(422, "unrenderable-notebook", title, detail) from error


def written(_: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return a line with the beginning as people read it, and the whole value as ASCII."""
    try:
        value = strict_json.parse(parts[0])
    except strict_json.NotJson as error:
        raise Refusal(str(error)) from error
    pieces = json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(value)
    beginning = "".join(islice(pieces, _BEGINNING))[:_BEGINNING]
    whole = json.dumps(value, separators=(",", ":"))
    return f"{json.dumps(beginning)}\n{whole}".encode()


def quoted(_: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return the JSON text of a text."""
    return json.dumps(parts[0].decode("utf-8", "replace")).encode()
