"""Kinds of output as libraries wrote them: the files in tests/web/libraries, and what is seen."""

import json
from pathlib import Path
from typing import Any, Final

from tests.support.kinds import FRAME, NO_NETWORK, PLOT, Kind, display, printed

FOLDER: Final = Path(__file__).parents[1] / "web" / "libraries"


def _of(file: str, drawn: str = "", *, says: str = "", never: str = "") -> Kind:
    kept: dict[str, Any] = json.loads((FOLDER / f"{file}.json").read_text())
    return Kind(file, kept["outputs"], drawn, says, never, kept.get("models", {}))


_CHART: Final = ".vega-embed svg.marks, .is-drawn svg.marks"
_BOKEH: Final = "[data-root-id] .bk-Figure"

DRAWN_BY_LIBRARIES: Final = (
    _of("altair-html", _CHART, never="Error loading script"),
    _of("altair-to-html", _CHART),
    _of("altair-jupyter", _CHART, never="JupyterChart("),
    _of("bokeh-file", _BOKEH),
    _of("bokeh-notebook", _BOKEH, says="successfully loaded", never="Loading BokehJS"),
    _of("plotly-default", PLOT),
    _of("plotly-figure-widget", PLOT, never="FigureWidget("),
    _of("plotly-notebook-connected", ".main-svg"),
    _of("plotly-colab", ".main-svg"),
    _of("plotly-sphinx-gallery", ".main-svg"),
    _of("plotly-choropleth", ".is-drawn .choroplethlayer path"),
    _of("plotly-scatter-geo", ".is-drawn .scattergeo path"),
    _of("plotly-json", "details", says="JSON, 2 keys"),
    _of("anywidget", ".is-drawn", says="count 3", never="Counter"),
    _of("ipywidgets", "input[type=range]", says="2026-11-27", never="geheim"),
    _of("tqdm-notebook", "progress", says="20/20", never="0%|"),
    _of("great-tables", "table", says="Prices of"),
    _of("pandas-styler", "table"),
    _of("tabulate", "table"),
    _of("rich", "pre", says="in rich"),
    _of("matplotlib-jshtml", ".anim-buttons button", says="Reflect"),
    _of("ipython-audio", "audio"),
    _of("ipython-video", "video"),
    _of("ipython-code", ".highlight, pre", says="def f(): pass"),
    _of("ipython-math", "mjx-container svg"),
    _of("sympy", "mjx-container svg"),
    _of("ipython-progress-bar", "progress"),
    Kind(
        "pandas with a table schema",
        [display({"application/vnd.dataresource+json": {"data": []}, "text/html": FRAME})],
        "table",
    ),
    Kind("a table schema alone", [display({"application/vnd.dataresource+json": {}})], "details"),
    Kind("a link in a new window", [display({"text/html": "<a href='https://x.org'>x</a>"})], "a"),
    Kind("progress of a terminal", [printed("\r100%|####| 5/5", "stderr")], says="5/5"),
)

SAID_OF_LIBRARIES: Final = (
    _of("folium", says="cdn.jsdelivr.net", never="Trusted"),
    _of("itables-connected", says=NO_NETWORK),
    _of("iframe-data", says="write its document into srcdoc"),
    _of("ipython-youtube", says="www.youtube.com/embed/abc"),
    _of("plotly-iframe", says="iframe_figures/figure"),
    _of("plotly-tiles", says="scatter_geo and choropleth need none"),
    _of("pyvis", says="n.html"),
    Kind(
        "an anywidget that imports from elsewhere",
        _of("anywidget").outputs,
        says="Save its data",
        models={
            name: {**model, "state": {**model["state"], "_esm": "import 'https://esm.sh/x'"}}
            for name, model in _of("anywidget").models.items()
        },
    ),
)
