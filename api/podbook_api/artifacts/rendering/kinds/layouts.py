"""Where widgets are and how large: the models of layouts and styles, as CSS."""

import re
from html import escape
from typing import Final

from podbook_api.artifacts.rendering.book import Json

_REFERENCE: Final = "IPY_MODEL_"
# Traits of a layout that are properties of CSS under the same name.
_PROPERTIES: Final = re.compile(
    r"align_(?:content|items|self)|border(?:_(?:top|right|bottom|left))?|bottom|display|flex(?:_flow)?"
    r"|grid_(?:area|auto_(?:columns|flow|rows)|column|gap|row|template_(?:areas|columns|rows))"
    r"|(?:(?:max|min)_)?(?:height|width)|justify_(?:content|items)|left|margin"
    r"|object_(?:fit|position)|order|overflow|padding|right|top|visibility"
)
_STYLES: Final = {"button_color": "background-color", "text_color": "color"}
_FIRST: Final = re.compile(r"^<\w+")


def placed(html: str, state: Json, models: dict[str, Json], *, linked: str = "") -> str:
    """Return a widget's HTML with its layout, and with its name where another is linked to it."""
    layout, style = (_of(state, part, models) for part in ("layout", "style"))
    css = [f"{n.replace('_', '-')}: {v};" for n, v in layout if _PROPERTIES.fullmatch(n)]
    css += [f"{_STYLES[n]}: {v};" for n, v in style if n in _STYLES]
    if "button_color" in dict(style) and "text_color" not in dict(style):
        # Chosen for the dark text that Jupyter has.
        css.append("color: #1f2328;")
    said = f' style="{escape("".join(css))}"' if css else ""
    said += f' data-widget="{escape(linked)}"' if linked else ""
    return _FIRST.sub(lambda tag: tag[0] + said, html, count=1) if said else html


def _of(state: Json, part: str, models: dict[str, Json]) -> list[tuple[str, str]]:
    """Return what a widget's layout or style says, in an order of its own."""
    name = state.get(part)
    found = models.get(name.removeprefix(_REFERENCE)) if isinstance(name, str) else None
    given = sorted(found["state"].items()) if found is not None else []
    return [(n, v) for n, v in given if isinstance(v, str) and v]
