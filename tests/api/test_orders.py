"""Lists are narrowed down by orders of their own, which agree with the whole at any time."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from podbook_api.state.submission_order import ANY, Key, Kind, Orders
from podbook_crds.ends.phases import Phase

NOTEBOOKS = ["sales", "stock", None]
PHASES = [Phase.QUEUED, Phase.RUNNING, Phase.FAILED]
KEYS = st.builds(Key, st.sampled_from("123"), st.sampled_from("abcde"))
PLACES = st.tuples(st.sampled_from(NOTEBOOKS), st.sampled_from(PHASES))
# An execution is put somewhere, wherever it was before, or is gone.
CHANGES = st.lists(st.tuples(KEYS, PLACES | st.none()), max_size=40)
KINDS = [ANY, *(Kind(n, p) for n in ("sales", "stock") for p in PHASES), Kind("sales")]
KINDS += [Kind(phase=phase) for phase in PHASES]


@given(changes=CHANGES, before=KEYS | st.none())
def test_every_order_is_the_whole_narrowed_down(
    changes: list[tuple[Key, tuple[str | None, Phase] | None]], before: Key | None
) -> None:
    orders, placed = Orders(), dict[Key, tuple[str | None, Phase]]()
    for key, place in changes:
        if key in placed:
            orders.remove(key, *placed.pop(key))
        if place is not None:
            orders.add(key, *place)
            placed[key] = place

    for kind in KINDS:
        fitting = [
            key
            for key, (notebook, phase) in sorted(placed.items(), reverse=True)
            if kind.notebook_id in (None, notebook) and kind.phase in (None, phase)
        ]
        listed = [key for key in fitting if before is None or key < before]
        assert list(orders.newest_first(kind, before=before)) == listed
        assert orders.count(kind) == len(fitting)


def test_a_page_stands_still_while_its_executions_change() -> None:
    orders = Orders()
    keys = [Key(f"{number}", "x") for number in range(6)]
    for key in keys:
        orders.add(key, "sales", Phase.QUEUED)
    queued = Kind("sales", Phase.QUEUED)

    first = list(islice(orders.newest_first(queued, before=None), 2))
    for key in (keys[5], keys[4], keys[1]):
        orders.remove(key, "sales", Phase.QUEUED)
        orders.add(key, "sales", Phase.RUNNING)
    second = list(orders.newest_first(queued, before=first[-1]))

    assert first == [keys[5], keys[4]]
    assert second == [keys[3], keys[2], keys[0]]
