"""Widgets bound to each other by jslink and jsdlink, which need no kernel to go on."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from podbook_api.artifacts.rendering.book import Json

_REFERENCE: Final = "IPY_MODEL_"
_BOTH_WAYS: Final = "LinkModel"
_ONE_WAY: Final = "DirectionalLinkModel"
# Its slider is one of exponents, so that its place is not its value.
_ODD: Final = "FloatLogSliderModel"


@dataclass(frozen=True, slots=True)
class Links:
    """Pairs of models: what the first one is set to, the second one becomes."""

    pairs: tuple[tuple[str, str], ...]

    def leads_on(self, name: str) -> bool:
        """Whether another model follows this one."""
        return any(name == source for source, _ in self.pairs)

    def has(self, name: str) -> bool:
        """Whether a model leads or follows."""
        return any(name in pair for pair in self.pairs)

    def between(self, drawn: Collection[str]) -> list[tuple[str, str]]:
        """Return those between models that a page shows."""
        return [pair for pair in self.pairs if pair[0] in drawn and pair[1] in drawn]


def links_of(models: dict[str, Json]) -> Links:
    """Return the links of values to values."""
    pairs: list[tuple[str, str]] = []
    for model in models.values():
        kind = model.get("model_name")
        if kind not in (_BOTH_WAYS, _ONE_WAY):
            continue
        source, target = (_value_of(model["state"].get(n), models) for n in ("source", "target"))
        if source and target:
            pairs += (
                [(source, target)] if kind == _ONE_WAY else [(source, target), (target, source)]
            )
    return Links(tuple(pairs))


def _value_of(end: Any, models: dict[str, Json]) -> str | None:
    """Return the model whose value an end is."""
    match end:
        case [str() as reference, "value"]:
            name = reference.removeprefix(_REFERENCE)
            known = models.get(name, {}).get("model_name")
            return name if known not in (None, _ODD) else None
    return None
