"""One output: the best of its types that a page draws, or a sentence; never nothing."""

import re
from collections.abc import Callable
from typing import Any, Final

from podbook_api.artifacts.rendering.addresses import OwnFiles
from podbook_api.artifacts.rendering.book import Cell, Json, text_of
from podbook_api.artifacts.rendering.kinds import media, notes, strays, texts
from podbook_api.artifacts.rendering.kinds.widgets import Widgets

_PLAIN: Final = "text/plain"
_VIEW: Final = "application/vnd.jupyter.widget-view+json"
# What Python says of an object that has better types than text.
_REPR: Final = re.compile(r"\s*<[\w.]+[^<>]*>\s*|Figure\([\d.x]+\)\s*")
# Marks that accompany types which pages draw; alone they are nothing to see.
_MARKS: Final = re.compile(
    r"application/vnd\.(?:bokehjs_(?:load|exec)|holoviews_(?:load|exec)|google\.colaboratory)"
    r"|application/(?:papermill|scrapbook)\."
)

Draw = Callable[[Any, "Outputs"], str | None]


class Outputs:
    """Draws outputs, and notes what their page needs."""

    def __init__(self, models: dict[str, Json], own: OwnFiles, *, report: bool) -> None:
        self.own = own
        # Names of libraries that something which was drawn asks for.
        self.needs: set[str] = set()
        self._report = report
        self._widgets = Widgets(models, self.draw, self.figure)

    @property
    def links(self) -> list[tuple[str, str]]:
        """Pairs of widgets that were drawn, of which the second follows the first."""
        return self._widgets.links

    def all_of(self, cell: Cell) -> str:
        """Return what a cell shows; libraries put an output of no type before one to be updated."""
        shown = strays.without_strays(cell.outputs) if self._report else cell.outputs
        told = [output for output in shown if output.get("data") != {}]
        return "".join(map(self.draw, told or cell.outputs))

    def draw(self, output: Json) -> str:
        """Return an output as HTML."""
        match output.get("output_type"):
            case "stream":
                name = "stderr" if output.get("name") == "stderr" else "stdout"
                inner = texts.printed(text_of(output.get("text")))
                mime = f"application/vnd.jupyter.{name}"
            case "error":
                inner, mime = (
                    texts.error(output, report=self._report),
                    "application/vnd.jupyter.error",
                )
            case _:
                data = output.get("data")
                inner, mime = self._display(data if isinstance(data, dict) else {})
                inner = media.sized(inner, output.get("metadata"), mime)
        return media.framed(inner, mime) if inner else ""

    def figure(self, kind: str, content: Any) -> str:
        """Return the place where a library draws a figure."""
        self.needs.add(kind)
        if kind == "plotly" and media.has_outlines(content):
            self.needs.add("geo")
        return media.figure(kind, content)

    def _display(self, data: Json) -> tuple[str, str]:
        plain, said = notes.parted(text_of(data.get(_PLAIN)))
        inner, mime = self._best(data) or self._rest(data, plain, missing=bool(said))
        return inner + notes.left_out(said, mime), mime

    def _best(self, data: Json) -> tuple[str, str] | None:
        kinds = [kind for kind in data if not _MARKS.match(kind)]
        for matches, draw in _ORDER:
            for kind in filter(matches, kinds):
                inner = draw(data[kind], self) if draw is not None else self._widget(data[kind])
                if inner is not None:
                    return inner, kind
        return None

    def _widget(self, view: Any) -> str | None:
        return self._widgets.draw(media.parsed(view))

    def _rest(self, data: Json, plain: str, *, missing: bool) -> tuple[str, str]:
        """Return the text, where it says something, or what there is to be said."""
        others = [k for k in data if k != _PLAIN and not _MARKS.match(k)]
        if _VIEW in data:
            said = f" When it was made, it read: {plain[:200]}" if plain else ""
            return notes.note(f"A widget that is not drawn here.{said}"), _VIEW
        if plain and not ((others or missing) and _REPR.fullmatch(plain)):
            return texts.printed(plain) + (notes.not_drawn(others) if others else ""), _PLAIN
        if missing or (not others and any(map(_MARKS.match, data))):
            return "", _PLAIN
        return notes.not_drawn(others), _PLAIN


def _is(*kinds: str) -> Callable[[str], bool]:
    return lambda kind: kind in kinds


def _like(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda kind: compiled.fullmatch(kind) is not None


# The first that an output has is drawn; None stands for widgets.
_ORDER: Final[tuple[tuple[Callable[[str], bool], Draw | None], ...]] = (
    (_is(_VIEW), None),
    (_is("application/vnd.plotly.v1+json"), media.plotly),
    (_like(r"application/vnd\.vega(?:lite)?\.v\d+(?:\+|\.)json"), media.vega),
    (_is("application/javascript", "text/javascript"), media.javascript),
    (_is("text/html"), media.html),
    (_is("text/markdown"), media.markdown),
    (_is("image/svg+xml"), media.svg),
    (_is("text/latex"), media.latex),
    *((_is(f"image/{kind}"), media.image(kind)) for kind in media.IMAGES),
    (_is("text/vnd.mermaid"), media.mermaid),
    (_is("application/pdf"), media.pdf),
    (_like(r"application/(?:geo\+|[\w.]+\+)?json"), media.json_tree),
)
