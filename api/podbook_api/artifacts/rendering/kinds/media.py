"""How each type of output is drawn."""

import base64
import binascii
import json
import re
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any, Final

from podbook_api.artifacts.rendering.book import text_of
from podbook_api.artifacts.rendering.kinds import notes, texts
from podbook_api.artifacts.rendering.kinds.prose import prose
from podbook_api.artifacts.rendering.known_libraries import ours

if TYPE_CHECKING:
    from podbook_api.artifacts.rendering.kinds.outputs import Outputs

# Every browser of today draws them.
IMAGES: Final = ("png", "jpeg", "gif", "webp", "avif", "bmp")
_REQUIRE: Final = re.compile(r"\brequire(?:js)?\b\s*[.(\[]|\bdefine\(")
# Formulas do not reach over tags, and prices in a table are none.
_MATHS: Final = re.compile(r"\$[^$<\n]+\$|\\\(|\\\[|\\begin\{")
_SCRIPTS: Final = re.compile(r"<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
# Documents in frames of the notebook's own; what is refused there they tell the page.
_FRAMED: Final = re.compile(
    r"""(\ssrcdoc\s*=\s*["'])((?:\s*&lt;!doctype html&gt;)?)""", re.IGNORECASE
)
_TELLING: Final = escape(
    """<script>for (const way of ["RTCPeerConnection", "webkitRTCPeerConnection"])"""
    """ Object.defineProperty(window, way, {value: undefined});"""
    """addEventListener("securitypolicyviolation", (e) => parent.postMessage("""
    """{podbook: "refused", address: e.blockedURI}, "*"))</script>"""
)
# Stands behind folium's maps; there is no such switch here, and what is missing is said.
_UNTRUE: Final = "Make this Notebook Trusted to load map: File -> Trust Notebook"
_PICTURE: Final = '<img class="podbook-picture" alt=""'
# A colour of text itself, in a style: none that is inherited or another's to choose.
_OWN_COLOUR: Final = re.compile(r"""[;{"'\s]color\s*:\s*(?!inherit|var\(|currentcolor)[#\w]""")
# Code has the page's own colours.
_THEMED: Final = ("color-scheme", "light-dark(", "<script", 'class="highlight"')
# Of a tree that is shown: characters of JSON text.
_TREE: Final = 200_000


def framed(inner: str, media_type: str) -> str:
    """Return the element of one output, with the class names that JupyterLab gives it."""
    light = " podbook-light" if media_type == "text/html" and _has_colours(inner) else ""
    return (
        f'<div class="jp-OutputArea-child">'
        f'<div class="jp-OutputArea-output jp-RenderedHTMLCommon{light}"'
        f' tabindex="0" data-mime-type="{escape(media_type)}">{inner}</div></div>'
    )


def figure(kind: str, content: Any) -> str:
    """Return the place where a library draws; its text stands until it has."""
    # In a script element nothing but its own end counts.
    text = json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<div class="podbook-figure" data-figure="{kind}"><p class="podbook-note">'
        f"A figure of {kind}, which a script draws.</p>"
        f'<script type="application/json">{text}</script></div>'
    )


def parsed(value: Any) -> Any:
    """Return an object that may have been written as JSON text."""
    if isinstance(value, dict):
        return value
    try:
        return json.loads(text_of(value))
    except ValueError:
        return None


def plotly(value: Any, outputs: "Outputs") -> str | None:
    """Draw a figure of plotly."""
    found = parsed(value)
    return outputs.figure("plotly", found) if isinstance(found, dict) and "data" in found else None


def has_outlines(figure: Any) -> bool:
    """Whether a figure of plotly draws on the outlines of countries."""
    data = figure.get("data")
    kinds = [trace.get("type") for trace in data if isinstance(trace, dict)] if data else []
    return any(kind in ("choropleth", "scattergeo") for kind in kinds)


def vega(value: Any, outputs: "Outputs") -> str | None:
    """Draw a chart of Vega or Vega-Lite, as altair writes it."""
    found = parsed(value)
    return outputs.figure("vega", found) if isinstance(found, dict) else None


def mermaid(value: Any, outputs: "Outputs") -> str:
    """Draw a diagram."""
    return outputs.figure("mermaid", text_of(value))


def javascript(value: Any, outputs: "Outputs") -> str:
    """Run a script; `element` is its output, as in Jupyter."""
    text, asked = ours(text_of(value))
    outputs.needs |= asked - {"mathjax"}
    _note_require(text, outputs)
    escaped = re.sub(r"</(script)", r"<\\/\1", text, flags=re.IGNORECASE)
    return (
        "<script>var element = document.currentScript.parentElement; element.toArray ||= "
        f"function () {{ return [element] }};\n{escaped}\n</script>"
    )


def html(value: Any, outputs: "Outputs") -> str:
    """Show HTML as it is, the addresses of the run's own files made good."""
    text, asked = ours(text_of(value))
    outputs.needs |= asked - {"mathjax"}
    _note_require(text, outputs)
    if ("$" in text or "\\" in text) and _has_formula(text, asked):
        outputs.needs.add("mathjax")
    text = outputs.own.resolve(text)
    if "srcdoc" in text.lower():
        text = text.replace(_UNTRUE, "")
        text = _FRAMED.sub(rf"\1\2{_TELLING}", text)
    return text or "<pre></pre>"


def _has_colours(text: str) -> bool:
    """Whether it sets colours of text that were chosen on white, and thinks of no dark page.

    Scripts find their place by what is around them: those outputs stay as they are.
    """
    lower = text.lower()
    themed = any(mark in lower for mark in _THEMED)
    return not themed and _OWN_COLOUR.search(lower) is not None


def markdown(value: Any, outputs: "Outputs") -> str:
    """Show Markdown as a cell of text is shown."""
    return prose(text_of(value), {}, outputs)


def latex(value: Any, outputs: "Outputs") -> str:
    """Show LaTeX; MathJax finds its formulas."""
    outputs.needs.add("mathjax")
    return f'<div class="podbook-latex">{escape(text_of(value), quote=False)}</div>'


def svg(value: Any, _: "Outputs") -> str:
    """Show a drawing as an image, so that nothing in it runs."""
    data = base64.b64encode(text_of(value).encode("utf-8", "replace")).decode()
    return _picture("svg+xml", data)


def image(kind: str) -> Callable[[Any, "Outputs"], str | None]:
    """Return what shows images of that kind."""

    def shown(value: Any, _: "Outputs") -> str | None:
        data = re.sub(r"\s+", "", text_of(value))
        return _picture(kind, data) if data and _is_base64(data) else None

    return shown


def sized(inner: str, metadata: Any, media_type: str) -> str:
    """Give an image the size and the description that its author gave it, as Jupyter does."""
    own = metadata.get(media_type) if isinstance(metadata, dict) else None
    if not inner.startswith(_PICTURE) or not isinstance(own, dict):
        return inner
    width, height = (_length(own.get(name)) for name in ("width", "height"))
    css = f"width: {width}px;" if width else ""
    if height:
        css += f" aspect-ratio: {width} / {height};" if width else f"height: {height}px;"
    said = f' style="{css}"' if css else ""
    return inner.replace(_PICTURE, f'{_PICTURE[:-1]}{escape(text_of(own.get("alt")))}"{said}', 1)


def _length(value: Any) -> str:
    text = str(value).removesuffix("px")
    return text if re.fullmatch(r"\d{1,5}(\.\d{1,6})?", text) and float(text) else ""


def pdf(value: Any, _: "Outputs") -> str:
    """Offer a document to be saved: no browser shows one in a sandbox."""
    data = re.sub(r"[^A-Za-z0-9+/=]", "", text_of(value))
    link = f'<a download="output.pdf" href="data:application/pdf;base64,{data}">output.pdf</a>'
    return f'<p class="podbook-note">A PDF of {len(data) * 3 // 4:,} bytes: {link}</p>'


def json_tree(value: Any, _: "Outputs") -> str:
    """Show JSON, folded."""
    found = parsed(value) if isinstance(value, str) else value
    text = json.dumps(found, ensure_ascii=False, indent=2)
    told = texts.printed(text[:_TREE])
    if len(text) > _TREE:
        told += notes.note(f"{len(text) - _TREE:,} more characters are in notebook.ipynb.")
    size = ""
    if isinstance(found, dict | list):
        one, many = ("key", "keys") if isinstance(found, dict) else ("entry", "entries")
        size = f", {len(found):,} {one if len(found) == 1 else many}"
    opened = " open" if text.count("\n") < 30 else ""  # noqa: PLR2004  (about a screen)
    return f"<details{opened}><summary>JSON{size}</summary>{told}</details>"


def _has_formula(text: str, asked: set[str]) -> bool:
    # Who asks for MathJax may have formulas in a chart's data; in other scripts they are none.
    return _MATHS.search(text if "mathjax" in asked else _SCRIPTS.sub("", text)) is not None


def _picture(kind: str, data: str) -> str:
    return f'{_PICTURE} src="data:image/{kind};base64,{data}">'


def _is_base64(data: str) -> bool:
    try:
        return bool(base64.b64decode(data[:64], validate=True))
    except binascii.Error:
        return False


def _note_require(text: str, outputs: "Outputs") -> None:
    # The two words are found in a hundredth of the pattern's time, and most tables have neither.
    if ("require" in text or "define(" in text) and _REQUIRE.search(text):
        outputs.needs.add("require")
