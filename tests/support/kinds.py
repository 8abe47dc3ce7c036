"""Kinds of output, each as the library writes it: what becomes of it on a page."""

import base64
import json
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any, Final

VIEW: Final = "application/vnd.jupyter.widget-view+json"
STATE: Final = "application/vnd.jupyter.widget-state+json"


@dataclass(frozen=True)
class Kind:
    """One kind: its outputs; says is a text that stands on the page, drawn a selector."""

    name: str
    outputs: list[dict[str, Any]]
    drawn: str = ""
    says: str = ""
    never: str = ""
    models: dict[str, Any] = field(default_factory=dict)
    # Of the page alone, gzipped; what it loads is counted apart.
    budget: int = 20_000
    # A library's own complaints that change nothing.
    console: tuple[str, ...] = ()


def shown(**data: Any) -> dict[str, Any]:
    return display({key.replace("__", "/"): value for key, value in data.items()})


def display(data: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def printed(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def model(name: str, module: str = "@jupyter-widgets/controls", **state: Any) -> dict[str, Any]:
    return {"model_name": f"{name}Model", "model_module": module, "state": state}


def view(name: str, repr_: str) -> dict[str, Any]:
    return display({VIEW: {"model_id": name, "version_major": 2}, "text/plain": repr_})


def notebook(kind: Kind, *, before: list[dict[str, Any]] | None = None) -> bytes:
    cells = [*(before or []), cell(f"# {kind.name}", kind.outputs)]
    metadata: dict[str, Any] = {"language_info": {"name": "python"}}
    if kind.models:
        metadata["widgets"] = {STATE: {"state": kind.models, "version_major": 2}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(whole).encode()


def cell(source: str, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": source,
        "outputs": outputs,
        "metadata": {},
        "execution_count": 1,
    }


def png(width: int = 40, height: int = 30) -> str:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + bytes([40, 120, 200]) * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode()


GIF: Final = "R0lGODdhAgACAIAAAP8AAAAA/ywAAAAAAgACAAACAoRRADs="
WEBP: Final = "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoCAAIAAUAmJaQAA3AA/v02aAA="
