"""Tells what became of a folder that changed: what is new, what is wrong, what is mended."""

from collections.abc import Callable
from typing import Any

from podbook_catalog.loader import Loaded


class Reloads:
    """What was told of the folder; each thing once."""

    def __init__(self, say: Callable[[str], None], *, is_quiet: bool) -> None:
        self._say = say
        self._is_quiet = is_quiet
        self._sentences: set[str] = set()
        self._problems: dict[str, str] = {}
        # None until the whole folder was read once: nothing is new before.
        self._specs: dict[str, Any] | None = None

    def tell(self, loaded: Loaded) -> None:
        """Tell what a pass over the folder found."""
        sentences = {f"{path}: {problem}" for path, problem in loaded.problems.items()}
        sentences |= set(loaded.warnings)
        for sentence in sorted(sentences - self._sentences):
            self._say(sentence)
        self._sentences = sentences
        if not self._is_quiet and loaded.is_complete:
            self._tell_changes(loaded)

    def _tell_changes(self, loaded: Loaded) -> None:
        before, now = self._specs, loaded.specs
        mended = self._problems.keys() - loaded.problems.keys()
        self._specs, self._problems = now, loaded.problems
        if before is None:
            return
        for path in sorted(mended & loaded.paths):
            self._say(f"{path}: mended")
        changed = {n for n in now.keys() & before.keys() if now[n] != before[n]}
        for word, names in (
            ("added", now.keys() - before.keys()),
            ("reloaded", changed),
            ("removed", before.keys() - now.keys()),
        ):
            if names:
                self._say(f"{word}: {', '.join(sorted(names))}")
