"""Proves that every value of one schema fits another, or names the places where it cannot.

Sound, not complete: what it lets pass is proved; what it cannot prove it names, though it may hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from podbook_catalog.compatibility import rules
from podbook_catalog.compatibility.nodes import Node, Unresolved, alone, parts, said
from podbook_crds.checking.blocking import violations
from podbook_crds.checking.checker import Unchecked
from podbook_crds.errors import InvalidContract

# A contract has some hundred places; one that multiplies itself is given up.
_BUDGET: Final = 300
_BRANCHES: Final = 64
_SECONDS: Final = 2.0
_BESIDE: Final = ("$ref", "allOf")

_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a value that was fine need not be fine any more."""

    pointer: str
    message: str


@dataclass(frozen=True)
class Place:
    """Where in a value a comparison is, and what is being compared on the way there."""

    pointer: str
    depth: int = 0
    # By what is compared, the depth at which it is.
    way: Mapping[_Key, int] = field(default_factory=dict)

    def below(self, step: str) -> "Place":
        """Return the place of a member or an item."""
        return Place(f"{self.pointer}/{rules.escaped(step)}", self.depth + 1, self.way)

    def comparing(self, key: _Key) -> "Place":
        """Return the same place within one more comparison."""
        return Place(self.pointer, self.depth, {**self.way, key: self.depth})


@dataclass
class Comparison:
    """One question, of as many steps as the budget allows.

    declared_only: a member that the narrower side neither declares nor speaks of does not count,
    though it might be there: who adds one breaks nobody.
    """

    declared_only: bool = False
    _left: int = _BUDGET
    # A key is made of identities, which hold for as long as what they are of is there.
    _alive: list[Any] = field(default_factory=list)
    _said: dict[_Key, str | None] = field(default_factory=dict)

    def findings(self, narrow: Sequence[Node], wide: Node, at: Place) -> list[Finding]:
        """Return why not every value that fits all of `narrow` fits `wide`."""
        key = (tuple(sorted(node.key for node in narrow)), wide.key)
        known = at.way.get(key)
        if known is not None and known < at.depth:
            return []  # Proved of every smaller value: that is what is being proved.
        self._left -= 1
        if known is not None or self._left <= 0:
            return [Finding(at.pointer, "it is too large, or leads in a circle: cannot be proved")]
        self._alive.append((narrow, wide))
        try:
            given = list({p.key: p for node in narrow for p in parts(node)}.values())
            wanted = parts(wide)
        except (Unresolved, RecursionError) as error:
            return [Finding(at.pointer, f"a reference cannot be followed: {error}")]
        self._alive.append(given)
        listed = _listed(given)
        if listed is not None:
            return self._values(listed, given, wide, at)
        return self._all(given, wanted, at.comparing(key))

    def _all(self, given: list[Node], wanted: list[Node], at: Place) -> list[Finding]:
        found = [finding for part in wanted for finding in self._part(given, part, at)]
        branches = _branches(given) if found else None
        if branches is None:
            return found
        # Each alternative by itself: what is proved of all of them is proved.
        return [
            finding
            for branch in branches
            for part in wanted
            for finding in self.findings(branch, part, at)
        ]

    def _part(self, given: list[Node], part: Node, at: Place) -> Iterator[Finding]:
        if self._has(given, part):
            return
        types = rules.types_of(given)
        for keyword in part.keywords:
            # Their parts are compared for themselves; patterns go with the members.
            if keyword not in _BESIDE:
                yield from self._keyword(keyword, given, part, types, at)

    def _has(self, given: list[Node], part: Node) -> bool:
        """Tell whether one of the parts says the very same."""
        wanted = self._text(part)
        return wanted is not None and any(self._text(node) == wanted for node in given)

    def _text(self, node: Node) -> str | None:
        if node.key not in self._said:
            self._alive.append(node)
            self._said[node.key] = said(node)
        return self._said[node.key]

    def _keyword(
        self, keyword: str, given: list[Node], part: Node, types: frozenset[str], at: Place
    ) -> Iterator[Finding]:
        if keyword in rules.OF_TYPE and not types & rules.OF_TYPE[keyword]:
            return
        if keyword in rules.SIMPLE:
            message = rules.SIMPLE[keyword](given, part, types)
            if message:
                yield Finding(at.pointer, message)
        elif keyword == "anyOf" or (keyword == "oneOf" and rules.are_apart(part)):
            yield from self._alternatives(part.keywords[keyword], given, part, at)
        else:
            yield from self._inside(keyword, given, part, at)

    def _inside(self, keyword: str, given: list[Node], part: Node, at: Place) -> Iterator[Finding]:
        """Compare what the keyword says of members and items."""
        if keyword == "properties":
            for name, schema in part.keywords["properties"].items():
                member = rules.member(given, name)
                if not member and self.declared_only:
                    continue
                yield from self.findings(member, part.at(schema), at.below(name))
        elif keyword == "additionalProperties":
            yield from self._others(given, part, at)
        elif keyword in ("items", "prefixItems"):
            yield from self._items(given, part, at)
        elif not _repeats(keyword, given, part):
            yield _unproved(keyword, at)

    def _alternatives(
        self, options: list[Any], given: list[Node], part: Node, at: Place
    ) -> Iterator[Finding]:
        if not any(not self.findings(given, part.at(option), at) for option in options):
            yield Finding(at.pointer, "none of the alternatives takes all that was allowed")

    def _others(self, given: list[Node], part: Node, at: Place) -> Iterator[Finding]:
        """Compare what the part says of members that it does not declare."""
        rest = part.at(part.keywords["additionalProperties"])
        if part.keywords.get("patternProperties"):
            if not _repeats("patternProperties", given, part):
                yield _unproved("additionalProperties", at)
            return
        declared = part.keywords.get("properties") or {}
        for name in sorted(rules.names_of(given) - declared.keys()):
            if rest.schema is not False:
                yield from self.findings(rules.member(given, name), rest, at.below(name))
            elif rules.can_be_there(given, name):
                yield Finding(at.below(name).pointer, "is not allowed any more")
        if rules.is_closed(given):
            return
        if rest.schema is False:
            yield Finding(at.pointer, "members that are not declared are not allowed any more")
        else:
            yield from self.findings(rules.others(given), rest, at.below("*"))

    def _items(self, given: list[Node], part: Node, at: Place) -> Iterator[Finding]:
        if any(isinstance(node.keywords.get("items"), list) for node in (*given, part)):
            if not _repeats("items", given, part):
                yield _unproved("items", at)
            return
        longest = max(len(node.keywords.get("prefixItems") or ()) for node in (*given, part))
        # The last stands for all items after those that have a place of their own.
        for place in range(longest + 1):
            wanted = rules.item(part, place)
            if wanted is not None:
                items = [item for node in given if (item := rules.item(node, place)) is not None]
                step = "*" if place == longest else str(place)
                yield from self.findings(items, wanted, at.below(step))

    def _values(self, values: list[Any], given: list[Node], wide: Node, at: Place) -> list[Finding]:
        found = []
        for value in values:
            try:
                if any(_misfits(value, node) for node in given):
                    continue
                if _misfits(value, wide):
                    message = f"{rules.shown(value)} is not allowed any more"
                    found.append(Finding(at.pointer, message))
            except (InvalidContract, Unchecked) as error:
                return [Finding(at.pointer, f"cannot be proved: {error}")]
        return found


def _unproved(keyword: str, at: Place) -> Finding:
    return Finding(at.pointer, f"`{keyword}` changed, and what that means cannot be proved")


def _misfits(value: Any, node: Node) -> bool:
    return bool(violations(value, alone(node), root="", seconds=_SECONDS))


def _listed(given: list[Node]) -> list[Any] | None:
    """Return all values that there can be, where one of the parts lists them."""
    for node in given:
        keywords = node.keywords
        if "const" in keywords:
            return [keywords["const"]]
        if isinstance(keywords.get("enum"), list):
            return list(keywords["enum"])
    return None


def _branches(given: list[Node]) -> list[list[Node]] | None:
    """Return the values as the alternatives of one part, each with all the other parts."""
    for position, node in enumerate(given):
        others = [*given[:position], *given[position + 1 :]]
        # Its references and `allOf` are parts of their own by now.
        own = {key: value for key, value in node.keywords.items() if key not in _BESIDE}
        for keyword in ("anyOf", "oneOf"):
            options = own.get(keyword)
            if isinstance(options, list) and 0 < len(options) <= _BRANCHES:
                rest = node.at({key: value for key, value in own.items() if key != keyword})
                return [[*others, rest, node.at(option)] for option in options]
        types = own.get("type")
        if isinstance(types, list) and len(types) > 1:
            return [[*others, node.at({**own, "type": one})] for one in types]
    return None


def _repeats(keyword: str, given: list[Node], part: Node) -> bool:
    """Tell whether one of the parts says the same by this keyword and those that go with it."""
    keys = rules.GROUPS.get(keyword, (keyword,))
    wanted = said(part, {key: part.keywords[key] for key in keys if key in part.keywords})
    return wanted is not None and any(
        said(node, {key: node.keywords[key] for key in keys if key in node.keywords}) == wanted
        for node in given
        if keyword in node.keywords
    )
