"""Kinds of output as libraries wrote them: the files in tests/web/libraries, and what is seen."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from podbook_api.artifacts.rendering import assets
from tests.support.outputs.building import FRAME, NO_NETWORK, PLOT, Kind, display, printed

FOLDER: Final = Path(__file__).parents[2] / "web" / "libraries"


def _of(file: str, drawn: str = "", *, says: str = "", never: str = "") -> Kind:
    kept: dict[str, Any] = json.loads((FOLDER / f"{file}.json").read_text())
    return Kind(file, kept["outputs"], drawn, says, never, kept.get("models", {}))


def _in(file: str, name: str, drawn: str = "", *, says: str = "", never: str = "") -> Kind:
    """Return one of the kinds that a file holds; libraries stand in it by their names alone."""
    kept = _kinds_in(file)[name]
    return Kind(name, kept["outputs"], drawn, says, never, kept.get("models", {}))


@cache
def _kinds_in(file: str) -> dict[str, Any]:
    path = FOLDER / file
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()

    def library(found: re.Match[str]) -> str:
        return json.dumps(assets.as_text(found[1]))[1:-1]

    whole: dict[str, Any] = json.loads(re.sub(r"\{\{([\w.-]+)\}\}", library, text.decode()))
    return whole


def _from_elsewhere() -> Kind:
    """Return an anywidget, under names of its own, whose code needs more than it brings."""
    kept = json.loads((FOLDER / "anywidget.json").read_text())
    names = {name: f"{name}-elsewhere" for name in kept["models"]}
    for model in kept["models"].values():
        model["state"]["_esm"] = "import 'https://esm.sh/x'"
    text = json.dumps(kept)
    for name, other in names.items():
        text = text.replace(name, other)
    kept = json.loads(text)
    name = "an anywidget that imports from elsewhere"
    return Kind(name, kept["outputs"], says="Save its data", models=kept["models"])


_CHART: Final = ".vega-embed svg.marks, .is-drawn svg.marks"
# As IPython's Image and raw bundles hold them.
IMAGES: Final = ("Image png", "Image jpeg", "Image gif", "Image webp", "avif", "bmp")
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
    _in("matplotlib.json", "matplotlib svg", "img"),
    _in("matplotlib.json", "matplotlib retina", "img[style*='154px']"),
    _in("matplotlib.json", "matplotlib transparent", "img"),
    _in("matplotlib.json", "seaborn pairplot", "img"),
    _in("matplotlib.json", "matplotlib pdf", "a[download]", never="<Figure"),
    _in("matplotlib.json", "matplotlib to_html5_video", "video"),
    _in("matplotlib.json", "ipympl as recorded", "img", never="Canvas("),
    _in("plotly.json", "plotly notebook", ".main-svg"),
    _in("plotly.json", "plotly include_plotlyjs=True", ".main-svg"),
    _in("plotly.json", "plotly include_plotlyjs=cdn", ".main-svg"),
    _in("plotly.json", "plotly png", "img"),
    _in("plotly.json", "plotly svg", "img"),
    _in("plotly.json", "plotly pdf", "a[download]"),
    _in("bokeh.json", "bokeh INLINE", _BOKEH, says="successfully loaded"),
    _in("bokeh.json", "bokeh file_html INLINE", _BOKEH),
    _in("holoviews.json", "holoviews", ".bk-Figure", never="without content"),
    _in("holoviews.json", "holoviews HoloMap", ".bk-panel-models-layout-Column", never="without"),
    _in("altair.json", "altair png", "img"),
    _in("altair.json", "altair svg", "img"),
    _in("itables.json.gz", "itables offline", ".dt-container table", says="3.50"),
    *(_in("ipython.json", name, "img") for name in IMAGES),
    _in("ipython.json", "Pretty", "pre", says="pretty as it is"),
    _in("ipython.json", "FileLink", "a[download]", says="artifacts/x.csv"),
    _in("ipython.json", "FileLinks", "a[download]", says="x.csv"),
    _in("ipython.json", "Image(url) of the run", "img[src^='data:image/png']"),
    _in("rich-more.json", "rich inspect", "pre", says="class 'int'"),
    _in("rich-more.json", "rich markdown", "pre", says="item"),
    _in("rich-more.json", "rich progress.track", "pre", says="100%", never="Output()"),
    _in("widgets.json", "jslink", "input[type=range]:enabled"),
    _in("widgets.json", "GridspecLayout", ".podbook-tiles[style*='grid-template']", says="top"),
    _in("widgets.json", "interact with a plot", "img"),
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
    _in("plotly.json", "plotly iframe_connected", says="iframe_figures/figure"),
    _in("ipython.json", "Video(url)", says="example.org/v.mp4"),
    _from_elsewhere(),
)
