"""Draws an execution in a notebook, anew as it goes on, while the cell that showed it is over."""

import threading
from collections.abc import Callable
from typing import Any

from podbook.calling.shown import Shown
from podbook.refusals import PodbookError


def draw(execution: Shown, look: Callable[[], None]) -> None:
    """Show it now, and until its end whenever it was looked at again."""
    from IPython import display as ipython

    display: Any = ipython.display
    html: Any = ipython.HTML
    handle = display(html(execution._repr_html_()), display_id=True)
    if handle is None or execution.is_final:
        return

    def redraw() -> None:
        while not execution.is_final:
            try:
                look()
            except PodbookError:
                return  # Whoever asks it next is told.
            handle.update(html(execution._repr_html_()))

    threading.Thread(target=redraw, daemon=True).start()
