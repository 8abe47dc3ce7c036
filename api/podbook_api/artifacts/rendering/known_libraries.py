"""Public addresses of libraries in what a notebook shows, replaced by this API's own."""

import re
from typing import Final

from podbook_api.artifacts.rendering import assets

_ELSEWHERE: Final = re.compile(
    r"https://(?:"
    r"(?P<plotly>cdn\.plot\.ly/plotly(?:-[a-z]\w*)*-(?:latest|[\d.]+\d)(?:\.min)?)"
    # Another major version of bokeh reads its documents differently.
    r"|cdn\.bokeh\.org/bokeh/release/bokeh(?P<bokeh>-widgets|-tables|-gl|)-3\.[\d.]+\d(?:\.min)?"
    r"|cdn\.jsdelivr\.net/npm/(?P<vega>vega(?:-lite|-embed)?)(?:@\d+[\d.]*)?(?=[\"'?])"
    r"|(?P<panel>cdn\.holoviz\.org/panel/1\.[\d.]+\d/dist/panel(?:\.min)?)(?=\.js)"
    r"|(?P<require>cdnjs\.cloudflare\.com/ajax/libs/require\.js/[\d.]+/require(?:\.min)?)"
    r"|(?P<mathjax>cdnjs\.cloudflare\.com/ajax/libs/mathjax/[\d.]+/(?:MathJax|es5/[\w-]+?)(?:\.min)?(?=\.js|[\"'?]))"
    r")(?P<ending>\.js)?(?P<query>\?[\w=&-]*)?"
)
# The buttons of matplotlib's animations: their signs stand in our own style.
_SIGNS: Final = re.compile(r"<link\b[^<>]*/font-awesome/4[^<>]*>")
# plotly asks for it with every chart; once is enough, and where there is a formula.
_FORMULAS: Final = re.compile(
    r"<script\b[^<>]*\ssrc=[^<>]*cdnjs\.cloudflare\.com/ajax/libs/mathjax/[^<>]*></script>"
)
# What draws formulas in bokeh's labels, and what old browsers lack: neither is here, and the
# loaders of bokeh and panel wait for every file.
_SPARED: Final = (
    r"""["']https://cdn\.(?:bokeh\.org/bokeh/release/bokeh-mathjax-[\d.]+\d(?:\.min)?\.js"""
    r"""|holoviz\.org/panel/[^"']+/es-module-shims(?:\.min)?\.js)["']"""
)
_UNNEEDED: Final = re.compile(rf"{_SPARED}\s*,\s*|(?:,\s*)?{_SPARED}")
# Panel draws where the page has exactly the bokeh that the document was written by.
_PANEL: Final = re.compile(
    r"""(const version = ')3\.[\d.]+(?='\.replace\('rc', '-rc\.'\))"""
    r"""|("version":")3\.[\d.]+(?=","title":"Bokeh Application")"""
)
# Its styles by address: what holds plots together works without them.
_SHEET: Final = re.compile(
    r'"ImportedStyleSheet"(,"id":"[^"]*","attributes":\{)"url":"https://cdn\.holoviz\.org/[^"]*"'
)
_BOKEH: Final = assets.LIBRARIES["bokeh"][0].rpartition("-")[2]
_INTEGRITY: Final = re.compile(r"""\s(?:integrity|crossorigin)=(?:"[^"]*"|'[^']*')""")
_SCRIPT: Final = re.compile(r"<script\b[^>]*/frame/[^>]*>")


def ours(text: str) -> tuple[str, set[str]]:
    """Return a text with addresses of ours, and the names of the libraries that it asks for."""
    asked: set[str] = set()

    def replaced(found: re.Match[str]) -> str:
        library, file = _file(found)
        asked.add(library)
        # Who left the ending out adds it: RequireJS does, unless there is a query.
        query = found["query"] or ""
        ended = found["ending"] or (query and library == "vega")
        address = assets.address(file)
        return (address if ended else address.removesuffix(".js")) + query

    if "://" not in text:
        return text, asked
    text, formulas = _FORMULAS.subn("", text)
    if formulas:
        asked.add("mathjax")
    text = _ELSEWHERE.sub(replaced, _UNNEEDED.sub("", _SIGNS.sub("", text)))
    if "cdn.holoviz.org" in text or "PyViz" in text or "panel.models" in text:
        text = _PANEL.sub(rf"\g<1>\g<2>{_BOKEH}", text)
        text = _SHEET.sub(r'"InlineStyleSheet"\1"css":""', text)
    # The digests are those of other files.
    return _SCRIPT.sub(lambda s: _INTEGRITY.sub("", s[0]), text) if asked else text, asked


def _file(found: re.Match[str]) -> tuple[str, str]:
    if found["plotly"]:
        return "plotly", assets.LIBRARIES["plotly"][0]
    if found["panel"]:
        return "panel", assets.LIBRARIES["panel"][0]
    if found["vega"]:
        named = {file.rpartition("-")[0]: file for file in assets.LIBRARIES["vega"]}
        return "vega", named[found["vega"]]
    if found["require"]:
        return "require", assets.LIBRARIES["require"][0]
    if found["mathjax"]:
        return "mathjax", assets.LIBRARIES["mathjax"][0]
    named = {file.rpartition("-")[0]: file for file in assets.LIBRARIES["bokeh"]}
    return "bokeh", named[f"bokeh{found['bokeh']}"]
