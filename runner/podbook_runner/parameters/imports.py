"""The imports that a parameters cell needs, under names that take nothing from the notebook."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Imports:
    """Grows while the cell is written; taken holds the names that the cell itself assigns."""

    taken: Iterable[str]
    _standard: set[str] = field(default_factory=set)
    _classes: dict[str, str] = field(default_factory=dict)
    _modules: set[str] = field(default_factory=set)

    def standard(self, module: str) -> str:
        """Return the private name of a module of the standard library."""
        self._standard.add(module)
        return self._private(module)

    def model(self, import_path: str) -> str:
        """Return what a class is called in the cell: `SampleModel`, `Outer.Inner`.

        Where that name is taken, the class is reached through its module, under a private name.
        """
        module, _, qualified = import_path.partition(":")
        name = qualified.partition(".")[0]
        if name not in self.taken and self._classes.setdefault(name, module) == module:
            return qualified
        self._modules.add(module)
        return f"{self._private(module)}.{qualified}"

    def lines(self) -> list[str]:
        """Return the import statements, sorted."""
        return [
            *(f"import {name} as {self._private(name)}" for name in sorted(self._standard)),
            *(f"import {name} as {self._private(name)}" for name in sorted(self._modules)),
            *(f"from {module} import {', '.join(names)}" for module, names in self._by_module()),
        ]

    def _by_module(self) -> list[tuple[str, list[str]]]:
        grouped: dict[str, list[str]] = {}
        for name, module in sorted(self._classes.items()):
            grouped.setdefault(module, []).append(name)
        return sorted(grouped.items())

    def _private(self, module: str) -> str:
        name = f"_{module.replace('.', '_')}"
        while name in self.taken:
            name = f"_{name}"
        return name
