"""What is said of a notebook: in its config, else its first heading and the sentence below it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from cachetools import FIFOCache

from podbook_api.artifacts.pinned_content import Contents
from podbook_api.http.reading.reader import Reader, Unreadable
from podbook_api.state.catalog import Entry

_REMEMBERED: Final = 4096
# A larger notebook is full of outputs; reading it for one line would hold everybody up.
_LARGEST: Final = 1024 * 1024
_LONGEST_TITLE: Final = 120
_LONGEST_SENTENCE: Final = 300
_HEADING: Final = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S.{0,500})$")
_SENTENCE: Final = re.compile(r".{1,299}?[.!?](?=\s|$)")
# Markdown's own signs, which are no words: emphasis, code, links, images.
_LINK: Final = re.compile(r"!?\[([^\]]{0,200})\]\([^)]{0,500}\)")
_SIGNS: Final = re.compile(r"[*_`]{1,3}")


@dataclass(frozen=True, slots=True)
class Introduction:
    """Empty where the notebook says nothing of itself."""

    title: str = ""
    sentence: str = ""


class Introductions:
    """Reads each version of a notebook once, off the event loop."""

    def __init__(self, contents: Contents, reader: Reader) -> None:
        self._contents = contents
        self._reader = reader
        self._known: FIFOCache[str, Introduction] = FIFOCache(_REMEMBERED)

    async def of(self, entry: Entry) -> Introduction:
        """Return what its config says of it, else what the notebook says of itself."""
        own = await self._read(entry)
        spec = entry.notebook.spec
        return Introduction(spec.title or own.title, spec.description or own.sentence)

    async def _read(self, entry: Entry) -> Introduction:
        known = self._known.get(entry.content.ipynb)
        if known is None:
            source = entry.notebook.spec.source
            text = await self._contents.small_text(source, at_most=_LARGEST)
            known = await self._introduction(text) if text else Introduction()
            self._known[entry.content.ipynb] = known
        return known

    async def _introduction(self, text: str) -> Introduction:
        data = text.encode("utf-8", "surrogatepass")
        try:
            return Introduction(*json.loads(await self._reader.ask(read, {}, data)))
        except Unreadable:
            return Introduction()


def read(_: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return the introduction of a notebook as a list in JSON."""
    found = introduction(parts[0])
    return json.dumps([found.title, found.sentence]).encode()


def introduction(ipynb: str | bytes) -> Introduction:
    """Return the first heading of the notebook's text cells and the first sentence after it."""
    try:
        cells = json.loads(ipynb)["cells"]
        lines = [line for cell in cells for line in _lines(cell)]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return Introduction()
    heading = next((i for i, line in enumerate(lines) if _HEADING.match(line)), None)
    found = None if heading is None else _HEADING.match(lines[heading])
    title = _plain(found[1].rstrip("# \t"))[:_LONGEST_TITLE] if found else ""
    after = lines if heading is None else lines[heading + 1 :]
    return Introduction(title, _first_sentence(after))


def _lines(cell: dict[str, Any]) -> Iterator[str]:
    if cell.get("cell_type") == "markdown":
        source = cell.get("source", "")
        yield from (source if isinstance(source, str) else "".join(source)).splitlines()
        yield ""


def _first_sentence(lines: list[str]) -> str:
    """Take the first paragraph of words: no heading, list, table, fence or formula."""
    paragraph: list[str] = []
    for line in lines:
        text = line.strip()
        if text and text[0] not in "#|>$<-+`=" and not re.match(r"\d+\.\s|\*\s|!\[", text):
            paragraph.append(text)
        elif paragraph:
            break
    words = _plain(" ".join(paragraph)[: 2 * _LONGEST_SENTENCE])
    sentence = _SENTENCE.match(words)
    return sentence[0] if sentence else words[:_LONGEST_SENTENCE]


def _plain(markdown: str) -> str:
    return _SIGNS.sub("", _LINK.sub(r"\1", markdown)).strip()
