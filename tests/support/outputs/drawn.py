"""Kinds of output that pages draw, each with what has to be seen."""

import json
from typing import Final

from tests.support.outputs.building import (
    BAR,
    BY_A_SCRIPT,
    CAPTURED,
    CONNECTED,
    FIGURE,
    FRAME,
    GIF,
    INTERACT,
    PLOT,
    POINTS,
    REPR,
    RUNNING,
    SOLID,
    TABS,
    TQDM,
    VIEW,
    WEBP,
    Kind,
    display,
    model,
    png,
    printed,
    shown,
    view,
)

# What a page draws, by a selector that has a box of some size.
DRAWN: Final = (
    Kind("matplotlib png", [display({"image/png": png(), "text/plain": "<Figure>"})], "img"),
    Kind(
        "svg",
        [shown(image__svg="")]
        and [
            display(
                {
                    "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' width='40' "
                    "height='30'>"
                    "<rect width='40' height='30'/></svg>"
                }
            )
        ],
        "img",
    ),
    Kind("gif", [display({"image/gif": GIF, "text/plain": REPR})], "img", never=REPR),
    Kind("webp", [display({"image/webp": WEBP, "text/plain": REPR})], "img", never=REPR),
    Kind("pandas", [display({"text/html": FRAME, "text/plain": "   a\n0 1.5"})], "table"),
    Kind("plotly by default", [display({"application/vnd.plotly.v1+json": BAR})], PLOT),
    Kind(
        "plotly beside text/html that was left out",
        [
            display(
                {
                    "application/vnd.plotly.v1+json": BAR,
                    "text/plain": "[Podbook: text/html of 4,816,025 characters was left out]",
                }
            )
        ],
        PLOT,
        never="was left out",
    ),
    Kind(
        "plotly with arrays as bytes",
        [
            display(
                {
                    "application/vnd.plotly.v1+json": {
                        "data": [{"type": "bar", "y": {"dtype": "i1", "bdata": "AQMC"}}],
                        "layout": {},
                    }
                }
            )
        ],
        PLOT,
    ),
    Kind(
        "plotly 3D",
        [display({"application/vnd.plotly.v1+json": SOLID})],
        ".is-drawn .gl-container canvas",
    ),
    Kind("plotly connected", [display({"text/html": CONNECTED})], "#connected .main-svg"),
    Kind(
        "vega-lite 5",
        [display({"application/vnd.vegalite.v5+json": POINTS, "text/plain": REPR})],
        ".is-drawn :is(svg, canvas)",
        never=REPR,
    ),
    Kind(
        "altair mimetype",
        [display({"application/vnd.vegalite.v6.json": json.dumps(POINTS), "text/plain": REPR})],
        ".is-drawn :is(svg, canvas)",
    ),
    Kind(
        "mermaid",
        [display({"text/vnd.mermaid": "graph TD; A-->B", "text/plain": REPR})],
        ".is-drawn svg",
    ),
    Kind("Markdown", [display({"text/markdown": "**bold**", "text/plain": REPR})], "strong"),
    Kind("Latex", [display({"text/latex": "$x^2$", "text/plain": REPR})], "mjx-container svg"),
    Kind(
        "Javascript",
        [display({"application/javascript": BY_A_SCRIPT})],
        says="by a script 1",
    ),
    Kind(
        "HTML with a script",
        [display({"text/html": RUNNING})],
        says="ran",
    ),
    Kind(
        "iframe srcdoc", [display({"text/html": "<iframe srcdoc='<p>in</p>'></iframe>"})], "iframe"
    ),
    Kind(
        "JSON",
        [display({"application/json": {"a": [1, 2]}, "text/plain": REPR})],
        "details",
        says="JSON, 1 key",
        never=REPR,
    ),
    Kind("GeoJSON", [display({"application/geo+json": {"type": "Point"}})], "details"),
    Kind(
        "tqdm.auto",
        [view("box", "  0%|          | 0/50 [00:00<?, ?it/s]")],
        "progress",
        says="50/50",
        never="0%|",
        models=TQDM,
    ),
    Kind(
        "Output()",
        [view("out", "Output()")],
        says="captured inside",
        models=CAPTURED,
        never="Output()",
    ),
    Kind(
        "interact",
        [view("all", "interactive(children=…)")],
        "input[type=range]",
        says="captured inside",
        never="interactive(",
        models=INTERACT,
    ),
    Kind("Tab", [view("tabs", "Tab(children=…)")], "details", says="green", models=TABS),
    Kind(
        "FigureWidget",
        [view("fig", "FigureWidget({…})")],
        PLOT,
        models=FIGURE,
        never="FigureWidget(",
    ),
    Kind(
        "ipympl",
        [display({VIEW: {"model_id": "x"}, "image/png": png()})],
        "img",
        models={"x": model("MPLCanvas", "jupyter-matplotlib")},
    ),
    Kind("pdf", [display({"application/pdf": "JVBERi0=", "text/plain": REPR})], "a[download]"),
    Kind("text", [display({"text/plain": "plain as it is"})], says="plain as it is"),
    Kind("printed", [printed("to stdout\n"), printed("to stderr\n", "stderr")], says="to stderr"),
    Kind(
        "ANSI",
        [printed("\x1b[31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ ab\bc\n")],
        says="red link ac",
    ),
    Kind(
        "an error",
        [
            {
                "output_type": "error",
                "ename": "KeyError",
                "evalue": "'zzz'",
                "traceback": ["line 1", "KeyError: 'zzz'"],
            }
        ],
        says="KeyError: 'zzz'",
    ),
)
