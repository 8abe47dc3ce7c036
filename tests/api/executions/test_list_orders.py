"""Lists are narrowed down by orders of their own, which agree with the whole at any time."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from podbook_api.state.submission_order import ANY, Key, Kind, Orders
from podbook_crds.ends.phases import Phase

NOTEBOOKS = ["sales", "stock", None]
PHASES = [Phase.QUEUED, Phase.RUNNING, Phase.FAILED]
KEYS = st.builds(Key, st.sampled_from("123"), st.sampled_from("abcde"))
HASHES = ["a", "b", None]
PLACES = st.builds(
    Kind, st.sampled_from(NOTEBOOKS), st.sampled_from(PHASES), st.sampled_from(HASHES)
)
# An execution is put somewhere, wherever it was before, or is gone.
CHANGES = st.lists(st.tuples(KEYS, PLACES | st.none()), max_size=40)
KINDS = [ANY, *(Kind(n, p) for n in ("sales", "stock") for p in PHASES), Kind("sales")]
KINDS += [Kind(phase=phase) for phase in PHASES]
KINDS += [Kind("sales", phase, asked) for phase in (None, *PHASES) for asked in ("a", "b")]


@given(changes=CHANGES, before=KEYS | st.none())
def test_every_order_is_the_whole_narrowed_down(
    changes: list[tuple[Key, Kind | None]], before: Key | None
) -> None:
    orders, placed = Orders(), dict[Key, Kind]()
    for key, place in changes:
        if key in placed:
            orders.remove(key, placed.pop(key))
        if place is not None:
            orders.add(key, place)
            placed[key] = place

    for kind in KINDS:
        fitting = [
            key
            for key, place in sorted(placed.items(), reverse=True)
            if all(asked in (None, has) for asked, has in zip(kind, place, strict=True))
        ]
        listed = [key for key in fitting if before is None or key < before]
        assert list(orders.newest_first(kind, before=before)) == listed
        listed = [key for key in fitting[::-1] if before is None or key > before]
        assert list(orders.oldest_first(kind, after=before)) == listed
        assert orders.count(kind) == len(fitting)


def test_a_page_stands_still_while_its_executions_change() -> None:
    orders = Orders()
    keys = [Key(f"{number}", "x") for number in range(6)]
    for key in keys:
        orders.add(key, Kind("sales", Phase.QUEUED, "a"))
    queued = Kind("sales", Phase.QUEUED)

    first = list(islice(orders.newest_first(queued, before=None), 2))
    for key in (keys[5], keys[4], keys[1]):
        orders.remove(key, Kind("sales", Phase.QUEUED, "a"))
        orders.add(key, Kind("sales", Phase.RUNNING, "a"))
    second = list(orders.newest_first(queued, before=first[-1]))

    assert first == [keys[5], keys[4]]
    assert second == [keys[3], keys[2], keys[0]]
