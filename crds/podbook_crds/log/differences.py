"""Tells what a cell shows now from what was told of it last: from two states to events.

Never from messages: what a terminal would show depends on how text came, limits move what stands in
the middle, and an update changes outputs of cells that have long ended. What came and went between
two looks is never told. What was told is kept by reference, not as a copy: texts and the data of an
output are replaced, never changed in place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podbook_crds.log.events import Event, outputs_spliced, stream_spliced


@dataclass(frozen=True, slots=True)
class Told:
    """An output as it was when it was told."""

    output: Mapping[str, Any]
    # The text of a stream, or else its parts by reference.
    text: str | None
    parts: tuple[int, ...]
    # Keeps those parts alive: an id is nobody else's meanwhile.
    kept: tuple[Any, ...]


def told(output: Mapping[str, Any]) -> Told:
    """Return what is remembered of an output."""
    if output.get("output_type") == "stream" and isinstance(output.get("text"), str):
        return Told(output, output["text"], (), ())
    kept = tuple(output.values())
    return Told(output, None, tuple(map(id, kept)), kept)


def differences(
    cell: int, before: Sequence[Told], now: Sequence[Mapping[str, Any]]
) -> tuple[list[Event], list[Told]]:
    """Return the events that lead from what was told of a cell to what it shows, and that, told."""
    start, end = _frame(before, now)
    events: list[Event] = []
    removed, added = before[start : len(before) - end], now[start : len(now) - end]
    if removed or added:
        outputs = [dict(output) for output in added]
        events.append(outputs_spliced(cell, at=start, remove=len(removed), outputs=outputs))
    shown = [*before[:start], *map(told, added), *before[len(before) - end :]]
    for place, output in enumerate(now):
        if (event := _change(cell, place, shown[place], output)) is not None:
            events.append(event)
            shown[place] = told(output)
    return events, shown


def _frame(before: Sequence[Told], now: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Return how many of the first and how many of the last outputs are still the same objects."""
    most = min(len(before), len(now))
    start = 0
    while start < most and before[start].output is now[start]:
        start += 1
    end = 0
    while end < most - start and before[-1 - end].output is now[-1 - end]:
        end += 1
    return start, end


def _change(cell: int, place: int, was: Told, output: Mapping[str, Any]) -> Event | None:
    is_now = told(output)
    if was.text is None or is_now.text is None:
        if was.parts == is_now.parts and was.text is is_now.text:
            return None
        return outputs_spliced(cell, at=place, remove=1, outputs=[dict(output)])
    if was.text == is_now.text:
        return None
    at, remove, text = splice(was.text, is_now.text)
    return stream_spliced(cell, place, at=at, remove=remove, text=text)


def splice(before: str, after: str) -> tuple[int, int, str]:
    """Return where two texts begin to differ, how much of the first to replace, and by what."""
    start = _common(before, after, min(len(before), len(after)))
    most = min(len(before), len(after)) - start
    end = _common_end(before, after, most)
    return start, len(before) - start - end, after[start : len(after) - end]


def _common(before: str, after: str, most: int) -> int:
    """Return how many characters are the same at the start; by halves, each compared at once."""
    if before[:most] == after[:most]:
        return most
    same, differ = 0, most
    while differ - same > 1:
        middle = (same + differ) // 2
        if before[same:middle] == after[same:middle]:
            same = middle
        else:
            differ = middle
    return same


def _common_end(before: str, after: str, most: int) -> int:
    same, differ = 0, most + 1
    while differ - same > 1:
        middle = (same + differ) // 2
        first = before[len(before) - middle : len(before) - same]
        if first == after[len(after) - middle : len(after) - same]:
            same = middle
        else:
            differ = middle
    return same
