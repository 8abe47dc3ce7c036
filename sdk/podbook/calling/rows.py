"""Runs of many rows at once, never more than so many, each row's failure a value in its place."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from podbook.calling.shown import REFUSED
from podbook.calling.steps import Json, Progress
from podbook.refusals import PodbookError

T = TypeVar("T")

# What one row may fail by; the others go on. The last two: it is no JSON.
FAILS: Final = (PodbookError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class AtOnce:
    """How the rows are run."""

    parallel: int
    ordered: bool
    progress: Progress | None

    def __post_init__(self) -> None:
        """Raise ValueError where no row would ever be run."""
        if self.parallel < 1:
            raise ValueError(f"parallel is {self.parallel}: at least one row runs at a time")

    def runs(self, rows: Iterable[Json], run: Callable[[Json], T]) -> Iterator[T]:
        """Yield what each row came to, in their order or as they end."""
        known, done, total = iter(rows), 0, total_of(rows)
        with ThreadPoolExecutor(self.parallel) as pool:
            waiting = [pool.submit(run, row) for row in islice(known, self.parallel)]
            while waiting:
                looked_at = waiting[:1] if self.ordered else waiting
                wait(looked_at, return_when=FIRST_COMPLETED)
                ended = next(future for future in looked_at if future.done())
                waiting.remove(ended)
                waiting += [pool.submit(run, row) for row in islice(known, 1)]
                done += 1
                self.tell(done, total)
                yield ended.result()

    def tell(self, done: int, total: int | None) -> None:
        """Say how far it is to whoever wants to know."""
        if self.progress is not None:
            self.progress(done, total)


def total_of(rows: Iterable[Json]) -> int | None:
    """Return how many there are, where that is known before they are read."""
    return len(rows) if isinstance(rows, list | tuple) else None


def no_run(notebook: str, parameters: Any, error: Exception) -> Json:
    """Return how a row looks for which there is no run."""
    known: Json = {"id": "", "notebook": notebook, "phase": REFUSED, "reason": None}
    known |= {"parameters": parameters, "message": str(error), "hasOutput": False, "output": None}
    return known | {"links": {"page": ""}}
