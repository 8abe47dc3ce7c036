"""One line in the log per change of an execution's state, whoever made the change."""

import logging
from collections.abc import Callable

from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.resources.execution import Execution
from podbook_operator.watch.cache import key_of
from podbook_operator.watch.queue_keys import Key

log = logging.getLogger(__name__)

# Told the execution as it is now, and the phase that it was last known in (None: it is new to us).
Observer = Callable[[Execution, Phase | None], None]


class Journal:
    """Remembers the state that every execution was last seen in."""

    def __init__(self, observers: list[Observer] | None = None) -> None:
        self._last: dict[Key, tuple[Phase, Reason | None]] = {}
        self._observers = observers or []

    def note(self, execution: Execution) -> None:
        """Log the state, if it is another than before."""
        key, status = key_of(execution), execution.status
        before, state = self._last.get(key), (status.phase, status.reason)
        if state == before:
            return
        self._last[key] = state
        reason = status.reason.value if status.reason else "WaitingForSlot"
        log.info("%s is %s: %s%s", key, status.phase, reason, _more(status.message))
        for observer in self._observers:
            observer(execution, before[0] if before else None)

    def forget(self, key: Key) -> None:
        """The execution is done with."""
        self._last.pop(key, None)


def _more(message: str) -> str:
    """Return the message's first line, short enough for a log."""
    first = message.split("\n", 1)[0][:200]
    return f": {first}" if first else ""
