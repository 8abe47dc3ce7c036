"""Kinds of output that pages do not draw, each with the sentence that stands there."""

from typing import Final

from tests.support.outputs.building import (
    FRAME,
    LOADING,
    LOST,
    NO_NETWORK,
    REPR,
    Kind,
    display,
    view,
)

# What cannot be drawn, and the sentence that stands there.
SAID: Final = (
    Kind(
        "an unknown type alone",
        [display({"application/x-strange": "x"})],
        says="An output of type application/x-strange is not drawn here",
    ),
    Kind(
        "an unknown type beside its repr",
        [display({"application/x-strange": "x", "text/plain": REPR})],
        says="is not drawn here",
        never=REPR,
    ),
    Kind(
        "a widget without state",
        [view("gone", "IntSlider(value=7)")],
        says="A widget that is not drawn here",
    ),
    Kind(
        "left out beside a text",
        [display({"text/plain": f"{REPR}\n{LOST}"})],
        says="image/png of 20,000,000 characters was left out",
        never=REPR,
    ),
    Kind(
        "left out beside a table",
        [
            display(
                {
                    "text/html": FRAME,
                    "text/plain": f"a\n{LOST}",
                }
            )
        ],
        says="image/png of 20,000,000 characters was left out",
    ),
    Kind(
        "Image(url=)",
        [display({"text/html": "<img src='http://else.where/p.png'/>"})],
        says=NO_NETWORK,
    ),
    Kind(
        "IFrame",
        [display({"text/html": "<iframe src='https://www.youtube.com/embed/x'></iframe>"})],
        says="www.youtube.com",
    ),
    Kind(
        "a script from elsewhere",
        [display({"text/html": LOADING})],
        says="cdn.holoviz.org",
    ),
    Kind(
        "a map in a frame",
        [
            display(
                {
                    "text/html": '<iframe srcdoc="&lt;script src=&quot;https://cdn.jsdelivr.net/npm/leaflet.js&quot;&gt;'
                    '&lt;/script&gt;"></iframe>'
                }
            )
        ],
        says="cdn.jsdelivr.net",
    ),
    Kind(
        "a figure that is none",
        [display({"application/vnd.vegalite.v5+json": {"mark": 5}})],
        says="Save its data",
    ),
    Kind(
        "a file that is not there",
        [display({"text/html": "<img src='artifacts/none.png'>"})],
        says="artifacts/none.png",
    ),
    Kind("no data at all", [display({})], says="An output without content"),
)
