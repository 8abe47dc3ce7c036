"""What a run does in both clients, step by step; each drives the steps in its own way."""

import math
from collections.abc import Callable
from typing import Self

from podbook.calling import steps
from podbook.calling.shown import Shown
from podbook.calling.steps import Json, Steps


class Run(Shown):
    """A run of which more can be asked."""

    def __init__(self, view: Json) -> None:
        self.view = view

    def check(self) -> Self:
        """Return it, unless its end was no success: then raise by whose fault that was."""
        if self.error is not None:
            raise self.error
        return self

    def _looked(self, seconds: float = 0.0) -> Steps[None]:
        self.view = yield from steps.looked(self._run, seconds)
        self._failed_by = None

    def _waited(self, timeout: float | None, clock: Callable[[], float]) -> Steps[None]:
        """Look until its end, or only for so many seconds of the clock."""
        end = math.inf if timeout is None else clock() + timeout
        while not self.is_final:
            yield from self._looked(min(max(0.0, end - clock()), steps.LONGEST_WAIT_SECONDS))
            if clock() >= end:
                return

    def _cancelled(self) -> Steps[None]:
        self.view = yield from steps.cancelled(self._run)

    @property
    def _events(self) -> str:
        return f"{steps.path_of(self._run)}/events"
