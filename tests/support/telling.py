"""Tells of a run as its runner would, event by event."""

from dataclasses import dataclass
from typing import Any

from podbook_crds.log import events
from podbook_crds.log.events import Event, written
from podbook_crds.protocol import intake
from rig.api import FakeRun
from tests.support.pages import Site
from tests.support.played import submitted


@dataclass
class Telling:
    """A run that has been claimed, and how much of it was told."""

    run: FakeRun
    told: int = 0
    stored: int = 0

    @property
    def name(self) -> str:
        return self.run.name

    def tell(self, *more: Event, is_last: bool = False) -> None:
        """Send a batch; the last one of a run is stored when that returns."""
        path = f"{intake.EVENTS_PATH}?first={self.told + 1}&stored={self.stored}"
        path += "&last=true" if is_last else ""
        answer = self.run.call("POST", path, content=b"".join(map(written, more)))
        assert answer.status_code == 200, answer.text
        self.told += len(more)
        self.stored = answer.json()["stored"]

    def prints(self, cell: int, text: str, *, at: int = 0, remove: int = 0) -> None:
        """Print into the first output of a cell."""
        self.tell(events.stream_spliced(cell, 0, at=at, remove=remove, text=text))


def stream(text: str = "", name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data: str) -> dict[str, Any]:
    """Return an output; data are its forms: html="…", png="…"."""
    types = {"html": "text/html", "png": "image/png", "plain": "text/plain"}
    bundle = {types[name]: value for name, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": bundle}


def cells(*sources: str) -> dict[str, Any]:
    """Return a notebook; a source that begins with a hash and a space is a heading."""
    made: list[dict[str, Any]] = [
        {"cell_type": "markdown", "source": source}
        if source.startswith("# ")
        else {"cell_type": "code", "source": source, "outputs": [], "execution_count": None}
        for source in sources
    ]
    return {"cells": [{**cell, "metadata": {}} for cell in made], "metadata": {}}


def begun(site: Site, notebook: dict[str, Any]) -> Telling:
    """Return a run that tells which cells it has."""
    run = FakeRun(site.cluster, site.api, submitted(site, region="north")).make_pod()
    run.claim()
    telling = Telling(run)
    to_run = [n for n, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code"]
    telling.tell(events.planned(notebook, to_run))
    return telling


def in_the_middle(site: Site) -> str:
    """Return the id of a run that has done one cell, shows something in the next, and stays so."""
    run = begun(site, cells("# Load", "orders = load()", "# Train", "train(orders)", "predict()"))
    printed = stream("epoch 1 of 3  loss 0.41\nepoch 2 of 3  loss 0.22\n")
    table = shown(html="<table><tr><th>month<th>sales<tr><td>May<td>12</table>")
    run.tell(
        events.cell_started(1),
        events.cell_finished(1, status="ok", seconds=1.5, count=1),
        events.cell_started(3),
        events.outputs_spliced(3, at=0, remove=0, outputs=[printed, table]),
    )
    return run.name
