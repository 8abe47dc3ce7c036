"""`podbook logs -f`: prints what cells print while they run, each finished line once."""

import sys
from typing import Any

from podbook.calling.rest import Rest
from podbook_crds.log.events import EventType
from podbook_crds.log.replay import Replay


def follow_logs(client: Rest, execution: str) -> str:
    """Print until the run has ended; return its phase.

    A line that is still being written, such as a progress bar, is printed when it is finished.
    """
    shown = Lines()
    for event in client.follow(execution):
        shown.take(event)
        if event["type"] == EventType.FINISHED:
            return str(event["phase"])
    return "Unknown"


class Lines:
    """What was printed already of each stream of each cell."""

    def __init__(self) -> None:
        self._replay = Replay()
        self._printed: dict[tuple[int, int], str] = {}

    def take(self, event: dict[str, Any]) -> None:
        """Print what an event adds."""
        self._replay.take(event)
        notebook = self._replay.notebook
        if notebook is None:
            return
        cells = range(len(notebook["cells"])) if "cell" not in event else [event["cell"]]
        if event["type"] == EventType.CELL_STARTED:
            self._forget(event["cell"])
        for cell in cells:
            self._print_cell(cell, notebook["cells"][cell], is_over=cell != self._replay.running)

    def _forget(self, cell: int) -> None:
        self._printed = {key: text for key, text in self._printed.items() if key[0] != cell}

    def _print_cell(self, index: int, cell: dict[str, Any], *, is_over: bool) -> None:
        for place, output in enumerate(cell.get("outputs", [])):
            if output["output_type"] == "stream":
                self._print(index, place, output, is_over=is_over)
            elif output["output_type"] == "error" and (index, place) not in self._printed:
                self._printed[index, place] = ""
                sys.stderr.write("\n".join(output["traceback"]) + "\n")

    def _print(self, cell: int, place: int, output: dict[str, Any], *, is_over: bool) -> None:
        text, printed = output["text"], self._printed.get((cell, place), "")
        if not text.startswith(printed):
            # Taken back, as by clear_output: what comes now is printed whole.
            printed = ""
        end = len(text) if is_over else text.rfind("\n") + 1
        if end > len(printed):
            stream = sys.stderr if output.get("name") == "stderr" else sys.stdout
            stream.write(text[len(printed) : end])
            stream.flush()
            self._printed[cell, place] = text[:end]
