"""The libraries that pages load from this API: what each is made of, and where it is."""

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "libraries"
PREFIX: Final = "/frame/"
# By the name that a figure asks by, in the order in which they load; see libraries/README.md.
LIBRARIES: Final[dict[str, tuple[str, ...]]] = {
    "plotly": ("plotly-4.1.2",),
    # The outlines of countries, which plotly draws maps on.
    "geo": ("plotly-geo-assets-3.7.0",),
    "vega": ("vega-6.4.0", "vega-lite-6.4.3", "vega-embed-7.3.0"),
    "mermaid": ("mermaid-11.17.2",),
    "mathjax": ("mathjax-3.2.2",),
    "require": ("requirejs-2.3.8",),
    "bokeh": (*("bokeh-3.9.2", "bokeh-widgets-3.9.2", "bokeh-tables-3.9.2", "bokeh-gl-3.9.2"),),
    # What holoviews and panel lay bokeh's plots out with.
    "panel": ("panel-1.9.4",),
}
# Speech for formulas would come from there. It is off, and no page should so much as name it.
_SPEECH: Final = "https://cdn.jsdelivr.net/npm/"


@cache
def addresses(library: str) -> tuple[str, ...]:
    """Return the addresses of a library's files, below the API's root; each names its content."""
    return tuple(address(file) for file in LIBRARIES[library])


@cache
def address(file: str) -> str:
    """Return the address of one file."""
    return f"{PREFIX}{file}.{hashlib.sha256(packed(file)).hexdigest()[:16]}.js"


@cache
def packed(file: str) -> bytes:
    """Return a file's content, gzipped."""
    return (_FOLDER / f"{file}.js.gz").read_bytes()


@cache
def by_address() -> dict[str, str]:
    """Return the files by their addresses."""
    found = {address(file): file for files in LIBRARIES.values() for file in files}
    # A module is imported by its name alone.
    return found | {name.removesuffix(".js"): file for name, file in found.items()}


def as_text(file: str) -> str:
    """Return a file's content so that it can stand inside a page."""
    text = gzip.decompress(packed(file)).decode().replace(_SPEECH, "")
    # In scripts both only occur in texts and patterns, where the backslash changes nothing.
    return re.sub(r"<(/script|!--|script)", r"\\x3c\1", text, flags=re.IGNORECASE)
