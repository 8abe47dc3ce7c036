"""What the work queue's items are called."""

from typing import NamedTuple


class Key(NamedTuple):
    """One execution. The uid tells it from one of the same name that was deleted before."""

    namespace: str
    name: str
    uid: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class NotebookKey(NamedTuple):
    """One notebook of the catalog."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"
