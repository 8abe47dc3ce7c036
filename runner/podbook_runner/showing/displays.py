"""Knows which outputs a display's update changes, as long as the notebook keeps them."""

from collections import defaultdict

from nbformat import NotebookNode


class Displays:
    """The outputs of each display that has an id, with the index of their cell.

    References, not places: outputs that are left out move the others.
    """

    def __init__(self) -> None:
        self._outputs: dict[str, dict[int, tuple[int, NotebookNode]]] = defaultdict(dict)
        self._displays: dict[int, str] = {}

    def keep(self, display: str, index: int, output: NotebookNode) -> None:
        """Take note that an output of a cell stands for a display."""
        self._outputs[display][id(output)] = (index, output)
        self._displays[id(output)] = display

    def forget(self, output: NotebookNode) -> None:
        """Let go of an output that the notebook does not keep."""
        display = self._displays.pop(id(output), None)
        if display is None:
            return
        del self._outputs[display][id(output)]
        if not self._outputs[display]:
            del self._outputs[display]

    def of(self, display: str) -> list[tuple[int, NotebookNode]]:
        """Return the outputs of a display, each with its cell's index."""
        return list(self._outputs[display].values()) if display in self._outputs else []
