"""Widgets as they were when the notebook was saved, in plain HTML: no kernel is there to answer."""

from collections.abc import Callable
from html import escape
from typing import Any, Final

from podbook_api.artifacts.rendering.book import Json, text_of
from podbook_api.artifacts.rendering.kinds.controls import CONTROLS, LIVE
from podbook_api.artifacts.rendering.kinds.layouts import placed
from podbook_api.artifacts.rendering.kinds.links import links_of

_REFERENCE: Final = "IPY_MODEL_"
# Boxes in boxes, at most; a model may name itself.
_DEEPEST: Final = 20

DrawOutput = Callable[[Json], str]
DrawFigure = Callable[[str, Any], str]


class Widgets:
    """Draws models by their ids; their captured outputs are drawn as a cell's are."""

    def __init__(self, models: dict[str, Json], output: DrawOutput, figure: DrawFigure) -> None:
        self._models = models
        self._output = output
        self._figure = figure
        self._links = links_of(models)
        self._drawn: set[str] = set()
        self._depth = 0

    @property
    def links(self) -> list[tuple[str, str]]:
        """Pairs of models that were drawn, of which the second follows the first."""
        return self._links.between(self._drawn)

    def draw(self, view: Any) -> str | None:
        """Return the widget of a view, or None where it is not known how it looks."""
        found = view.get("model_id") if isinstance(view, dict) else None
        return self._model(found) if isinstance(found, str) else None

    def _model(self, name: str) -> str | None:
        model = self._models.get(name)
        if model is None or self._depth >= _DEEPEST:
            return None
        state = model["state"] | _buffers(model) | {LIVE: self._links.leads_on(name)}
        kind = str(model.get("model_name") or state.get("_model_name"))
        self._depth += 1
        try:
            html = CONTROLS[kind](state) if kind in CONTROLS else self._several(kind, state)
        finally:
            self._depth -= 1
        if not html:
            return html
        self._drawn.add(name)
        return placed(html, state, self._models, linked=name if self._links.has(name) else "")

    def _several(self, kind: str, state: Json) -> str | None:
        draw = _BOXES.get(kind)
        return None if draw is None else draw(self, state)

    def _each(self, state: Json) -> list[str]:
        """Return the widgets that a box holds; one that is not known is said to be there."""
        children = state.get("children")
        names = [c for c in children if isinstance(c, str)] if isinstance(children, list) else []
        return [self._child(name.removeprefix(_REFERENCE)) for name in names]

    def _child(self, name: str) -> str:
        drawn = self._model(name)
        if drawn is not None:
            return drawn
        kind = str(self._models.get(name, {}).get("model_name", "widget")).removesuffix("Model")
        return f'<span class="podbook-note">{escape(kind[:80])}</span>'

    def box(self, state: Json, kind: str = "column") -> str:
        """Draw a box with what is in it: a column, a row or tiles."""
        return f'<div class="podbook-{kind}">{"".join(self._each(state))}</div>'

    def titled(self, state: Json) -> str:
        """Draw tabs and accordions: all of their parts, those not in front folded."""
        titles, old = state.get("titles"), state.get("_titles")
        chosen = state.get("selected_index")
        parts = []
        for place, inner in enumerate(self._each(state)):
            title = titles[place] if isinstance(titles, list) and place < len(titles) else None
            if title is None and isinstance(old, dict):
                title = old.get(str(place))
            name = escape(str(title or f"Part {place + 1}"))
            state_of = " open" if place == chosen else ""
            parts.append(f"<details{state_of}><summary>{name}</summary>{inner}</details>")
        return f'<div class="podbook-column">{"".join(parts)}</div>'

    def captured(self, state: Json) -> str:
        """Draw what was shown inside an Output widget."""
        outputs = state.get("outputs")
        kept = [o for o in outputs if isinstance(o, dict)] if isinstance(outputs, list) else []
        return f'<div class="podbook-captured">{"".join(map(self._output, kept))}</div>'

    def figure(self, state: Json) -> str | None:
        """Draw the figures of plotly and altair, which bring their own code for a live kernel."""
        data, spec = state.get("_widget_data", state.get("_data")), state.get("spec")
        if isinstance(data, list):
            layout = state.get("_widget_layout", state.get("_layout")) or {}
            return self._figure("plotly", {"data": data, "layout": layout})
        if isinstance(spec, dict) and spec:
            return self._figure("vega", spec)
        return self._own_code(state)

    def _own_code(self, state: Json) -> str | None:
        """Run the code of an anywidget with its state as it was: no kernel answers it."""
        if not isinstance(state.get("_esm"), str):
            return None
        kept = {name: value for name, value in state.items() if not name.startswith("_")}
        parts = {"module": state["_esm"], "style": text_of(state.get("_css"))}
        return self._figure("anywidget", {**parts, "state": kept})


def _buffers(model: Json) -> Json:
    """Return what of a state was written beside it, as base64: the bytes of images."""
    buffers = model.get("buffers")
    found: Json = {}
    for each in buffers if isinstance(buffers, list) else []:
        path = each.get("path") if isinstance(each, dict) else None
        if isinstance(path, list) and len(path) == 1 and each.get("encoding") == "base64":
            found[str(path[0])] = text_of(each.get("data"))
    return found


_BOXES: Final[dict[str, Callable[[Widgets, Json], str | None]]] = {
    "HBoxModel": lambda widgets, state: widgets.box(state, "row"),
    "GridBoxModel": lambda widgets, state: widgets.box(state, "tiles"),
    **dict.fromkeys(("BoxModel", "VBoxModel"), Widgets.box),
    **dict.fromkeys(("TabModel", "AccordionModel", "StackModel"), Widgets.titled),
    "OutputModel": Widgets.captured,
    **dict.fromkeys(
        ("FigureWidgetModel", "FigureModel", "JupyterChartModel", "AnyModel"), Widgets.figure
    ),
}
