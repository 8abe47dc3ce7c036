"""The client's former name and its former methods, for programs that were written with them."""

import warnings
from collections.abc import Iterator
from typing import Any, Final

from podbook.calling.rest import ApiError, Execution, Rest, Unreachable
from podbook.calling.steps import Json
from podbook.calling.sync import Client, Executions, Notebooks

__all__ = ["ApiError", "Execution", "Podbook", "Unreachable"]

_SAID: Final = (
    "podbook.Podbook is podbook.Client now: client.notebooks['analysis'].run({...}) instead of"
    " client.run('analysis', {...}), client.executions.get(id) instead of client.get(id)"
)


class Podbook(Client):
    """A Client that has the methods of before, too; use Client."""

    def __init__(
        self, url: str, *, token: str | None = None, timeout: float = 30.0, patience: float = 0.0
    ) -> None:
        """Patience is for how many seconds what only reads is asked again without an answer."""
        warnings.warn(_SAID, DeprecationWarning, stacklevel=2)
        super().__init__(url, token=token, timeout=timeout)
        self._rest = Rest(url, token=token, timeout=timeout, patience=patience)
        self.notebooks: Catalog = Catalog(self, self._rest)
        self.executions: Runs = Runs(self, self._rest)

    def close(self) -> None:
        """Close the connections."""
        self._rest.__exit__()
        super().close()

    def __getattr__(self, name: str) -> Any:
        """Return a method of before, such as run, submit, get, wait or artifact."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._rest, name)


class Catalog(Notebooks):
    """The catalog, which was a method that returned a list."""

    def __init__(self, client: Client, rest: Rest) -> None:
        super().__init__(client)
        self._rest = rest

    def __call__(self) -> list[Json]:
        """Return the catalog."""
        return self._rest.notebooks()


class Runs(Executions):
    """The runs, which were a method that yielded lines."""

    def __init__(self, client: Client, rest: Rest) -> None:
        super().__init__(client)
        self._rest = rest

    def __call__(self, **asked: Any) -> Iterator[Json]:
        """Yield executions, newest first; page is how many are asked for at once."""
        return self._rest.executions(**asked)
