"""Addresses in what a notebook shows: its own files, and libraries that this API has itself."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Final
from urllib.parse import unquote

# The folder that a run leaves its files in, and what they are called as artifacts.
_FOLDER: Final = "artifacts/"
_ARTIFACTS: Final = "files/"
_REFERENCE: Final = re.compile(
    r"""(?P<before><(?P<tag>\w+)\b[^<>]*?\s(?P<name>src|href)\s*=\s*)"""
    r"""(?:"(?P<double>[^"<>]*)"|'(?P<single>[^'<>]*)'|(?P<bare>[^\s"'<>]+))""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file of the run; data where it is small enough to stand in the page."""

    media_type: str
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """What the run left, by its name as an artifact."""

    files: Mapping[str, OwnFile] = field(default_factory=dict)

    def resolve(self, html: str) -> str:
        """Return the HTML with the addresses of the run's files made good."""
        return _REFERENCE.sub(self._replaced, html) if _FOLDER in html else html

    def named(self, address: str) -> str | None:
        """Return the artifact's name that an address in the notebook means."""
        path = unquote(address).split("#", 1)[0].split("?", 1)[0].removeprefix("./")
        if not path.startswith(_FOLDER):
            return None
        name = _ARTIFACTS + path.removeprefix(_FOLDER)
        return name if name in self.files else None

    def _replaced(self, found: re.Match[str]) -> str:
        raw = found["double"] or found["single"] or found["bare"] or ""
        name = self.named(unescape(raw))
        if name is None:
            return found[0]
        file = self.files[name]
        if found["name"].lower() == "src":
            if file.data is None:
                return found[0]
            text = base64.b64encode(file.data).decode()
            return f'{found["before"]}"data:{file.media_type};base64,{text}"'
        # The page that shows this one can follow it too, with the rights that it has.
        link = f'{found["before"]}"{escape(name)}" data-artifact="{escape(name)}"'
        return f"{link} download"


def mentioned(ipynb: bytes) -> set[str]:
    """Return the names of artifacts that a notebook's text may refer to."""
    found = re.findall(rb"artifacts/([^\"'\\\s<>()]{1,512})", ipynb)
    return {_ARTIFACTS + unquote(name.decode("utf-8", "replace")) for name in found}
