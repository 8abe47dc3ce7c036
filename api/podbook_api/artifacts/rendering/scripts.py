"""The scripts of others that a page may need, as text that can stand inside it."""

from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "scripts"
# Speech for formulas would come from there. It is off, and no page should so much as name it.
_SPEECH: Final = "https://cdn.jsdelivr.net/npm/"


@cache
def mathjax() -> str:
    """Return MathJax with its fonts and all TeX extensions: 2.3 MB."""
    return (_FOLDER / "mathjax-3.2.2-tex-svg-full.js").read_text().replace(_SPEECH, "")


@cache
def require_js() -> str:
    """Return RequireJS, which the plots of older libraries ask for."""
    return (_FOLDER / "require-2.3.8.js").read_text()
