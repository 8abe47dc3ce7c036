"""What a test wants to go wrong with the events of watches."""

from dataclasses import dataclass, field
from typing import Literal

from podbook_cluster.apiserver.storage.records import Change

EventKind = Literal["drop", "delay", "duplicate", "reorder"]


def is_called(said: str, qualified: str) -> bool:
    """Whether a test means that resource: by `widgets`, `widgets.example.org`, or all by ""."""
    return said in ("", qualified, qualified.partition(".")[0])


@dataclass(slots=True)
class EventFault:
    """What happens to watch events that match; `reorder` sends one after its successor."""

    kind: EventKind
    resource: str = ""
    type: str = ""
    name: str = ""
    after: int = 0
    times: int = 1
    seconds: float = 0.0
    seen: int = field(default=0, init=False)
    hits: int = field(default=0, init=False)

    def strikes(self, change: Change) -> bool:
        """Return whether this event is hit; counts it."""
        record = change.record
        if not (
            is_called(self.resource, record.resource)
            and self.type in ("", change.type)
            and self.name in ("", record.name)
        ):
            return False
        self.seen += 1
        if self.seen <= self.after or (self.times and self.hits >= self.times):
            return False
        self.hits += 1
        return True
