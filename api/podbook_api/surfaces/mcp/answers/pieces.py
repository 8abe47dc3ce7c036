"""What an executed notebook has to show: its last pictures, and the source of one cell."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from podbook_api.http.reading.reader import Reader, Unreadable

# A larger one is full of data; reading it for three pictures would take seconds.
LARGEST: Final = 24 * 1024 * 1024
_IMAGES: Final = 3
_IMAGE: Final = 512 * 1024
_SOURCE: Final = 4000
_TYPES: Final = ("image/png", "image/jpeg")


@dataclass(frozen=True)
class Image:
    """A picture as agents take it: base64 without blanks."""

    media_type: str
    data: str


@dataclass(frozen=True)
class Pieces:
    """What was found."""

    images: list[Image] = field(default_factory=list)
    source: str = ""


async def pieces(reader: Reader, ipynb: bytes, *, cell: int | None) -> Pieces:
    """Return the last three pictures, and the source of that cell."""
    if len(ipynb) > LARGEST:
        return Pieces()
    try:
        found = json.loads(await reader.ask(read, {"cell": cell}, ipynb))
    except Unreadable:
        return Pieces()
    return Pieces([Image(*image) for image in found["images"]], found["source"])


def read(said: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return what a notebook has to show, as JSON."""
    found = _found(parts[0], said["cell"])
    images = [[image.media_type, image.data] for image in found.images]
    return json.dumps({"images": images, "source": found.source}).encode()


def _found(ipynb: bytes, cell: int | None) -> Pieces:
    try:
        cells = [each for each in json.loads(ipynb)["cells"] if isinstance(each, dict)]
    except (ValueError, RecursionError, KeyError, TypeError):
        return Pieces()
    source = "" if cell is None or not 0 <= cell < len(cells) else _text(cells[cell].get("source"))
    images = [image for each in cells for image in _images(each)]
    return Pieces(images[-_IMAGES:], source[:_SOURCE])


def _images(cell: dict[str, Any]) -> Iterator[Image]:
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        data = output.get("data") if isinstance(output, dict) else None
        if not isinstance(data, dict):
            continue
        for media_type in _TYPES:
            found = _image(media_type, _text(data.get(media_type)))
            if found is not None:
                yield found
                break


def _image(media_type: str, text: str) -> Image | None:
    packed = "".join(text.split())
    if not packed or len(packed) * 3 // 4 > _IMAGE:
        return None
    try:
        base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        return None
    return Image(media_type, packed)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
