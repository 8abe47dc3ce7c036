"""Who gets a slot, and who has to wait."""

from podbook_operator.config import SlotLimits
from podbook_operator.reconcile.slots import Group, Slots
from podbook_operator.watch.queue_keys import Key

REPORT = Group("default", "report")


def a_key(name: str, namespace: str = "default") -> Key:
    return Key(namespace, name, f"uid-of-{name}")


def asked(
    slots: Slots, *names: str, group: Group = REPORT, own_limit: int | None = None
) -> list[str]:
    """Ask in this order, created one after the other; return who was granted one."""
    for second, name in enumerate(names):
        created = f"2026-01-01T00:00:{second:04}Z"
        key = a_key(name, group.namespace)
        slots.request(key, group, created=created, own_limit=own_limit)
    return [key.name for key in slots.grant()]


def test_the_total_is_never_exceeded() -> None:
    slots = Slots(SlotLimits(total=2))

    assert asked(slots, "a", "b", "c") == ["a", "b"]
    assert (slots.held, slots.waiting) == (2, 1)


def test_the_oldest_is_first_however_late_it_asks() -> None:
    slots = Slots(SlotLimits(total=0))
    slots.request(a_key("young"), REPORT, created="2026-01-01T00:00:09Z", own_limit=None)
    slots.request(a_key("old"), REPORT, created="2026-01-01T00:00:01Z", own_limit=None)
    slots.limits = SlotLimits(total=1)

    assert [key.name for key in slots.grant()] == ["old"]


def test_the_oldest_is_first_whichever_notebook_it_is_of() -> None:
    slots = Slots(SlotLimits(total=0))
    ages = {"young": 9, "old": 1, "middle": 5}
    for name, second in ages.items():
        group = Group("default", f"notebook of {name}")
        slots.request(a_key(name), group, created=f"2026-01-01T00:00:0{second}Z", own_limit=None)
    slots.limits = SlotLimits(total=2)

    assert [key.name for key in slots.grant()] == ["old", "middle"]


def test_5000_that_wait_for_one_notebook_hold_back_no_other() -> None:
    slots = Slots(SlotLimits(total=10))
    backlog = [f"a-{number:04}" for number in range(5000)]
    running = asked(slots, *backlog)
    assert running == backlog[:10]

    other = Group("default", "other")
    assert asked(slots, "b-1", "b-2", group=other) == []
    for done in running[:3]:
        slots.release(a_key(done))

    assert [key.name for key in slots.grant()] == ["b-1", "b-2", "a-0010"]


def test_many_notebooks_of_one_namespace_get_no_more_than_the_one_of_another() -> None:
    slots = Slots(SlotLimits(total=0))
    for number in range(6):
        key = a_key(f"a-{number}")
        group = Group("default", f"notebook-{number}")
        slots.request(key, group, created=f"2026-01-01T00:00:0{number}Z", own_limit=None)
    for number in range(3):
        key = a_key(f"b-{number}", "other")
        slots.request(key, Group("other", "report"), created="2026-01-02", own_limit=None)
    slots.limits = SlotLimits(total=4)

    assert [key.name for key in slots.grant()] == ["a-0", "b-0", "a-1", "b-1"]


def test_with_one_slot_notebooks_take_turns() -> None:
    slots = Slots(SlotLimits(total=1))
    names = [f"a-{number}" for number in range(4)]
    granted = asked(slots, *names)
    asked(slots, "b-0", "b-1", group=Group("default", "other"))
    asked(slots, "c-0", group=Group("default", "third"))

    while slots.waiting:
        slots.release(a_key(granted[-1]))
        granted += [key.name for key in slots.grant()]

    assert granted == ["a-0", "b-0", "c-0", "a-1", "b-1", "a-2", "a-3"]


def test_a_full_notebook_passes_its_turn_on() -> None:
    slots = Slots(SlotLimits(total=4))
    asked(slots, "a-0", "a-1", own_limit=1)

    assert asked(slots, "b-0", "b-1", "b-2", group=Group("default", "other")) == [
        "b-0",
        "b-1",
        "b-2",
    ]


def test_within_one_second_the_first_to_come_is_first() -> None:
    slots = Slots(SlotLimits(total=1))
    for name in ("z", "a"):
        slots.request(a_key(name), REPORT, created="2026-01-01T00:00:00Z", own_limit=None)

    assert [key.name for key in slots.grant()] == ["z"]


def test_a_namespace_that_is_full_holds_up_no_other() -> None:
    slots = Slots(SlotLimits(total=10, per_namespace=1))

    assert asked(slots, "a", "b") == ["a"]
    assert asked(slots, "c", group=Group("other", "report")) == ["c"]


def test_a_notebook_that_is_full_holds_up_no_other() -> None:
    slots = Slots(SlotLimits(per_notebook=1))

    assert asked(slots, "a", "b") == ["a"]
    assert asked(slots, "c", group=Group("default", "other")) == ["c"]


def test_a_notebook_may_limit_itself() -> None:
    slots = Slots(SlotLimits(total=10))

    assert asked(slots, "a", "b", "c", own_limit=2) == ["a", "b"]


def test_a_slot_that_is_released_goes_to_the_next() -> None:
    slots = Slots(SlotLimits(total=1))
    asked(slots, "a", "b")

    slots.release(a_key("a"))

    assert [key.name for key in slots.grant()] == ["b"]


def test_who_leaves_the_queue_and_comes_back_has_one_place_in_it() -> None:
    slots = Slots(SlotLimits(total=1))
    asked(slots, "a", "b", "c")
    slots.release(a_key("b"))
    asked(slots, "b")

    turns = []
    for name in ("a", "b", "c"):
        slots.release(a_key(name))
        turns.append([key.name for key in slots.grant()])

    assert turns == [["b"], ["c"], []]


def test_who_leaves_the_queue_gets_nothing() -> None:
    slots = Slots(SlotLimits(total=1))
    asked(slots, "a", "b", "c")

    slots.release(a_key("b"))
    slots.release(a_key("a"))

    assert [key.name for key in slots.grant()] == ["c"]


def test_kernels_that_run_already_count_beyond_any_limit() -> None:
    slots = Slots(SlotLimits(total=1))
    for name in ("a", "b"):
        slots.hold(a_key(name), REPORT)

    assert asked(slots, "c") == []
    slots.release(a_key("a"))
    assert slots.grant() == []


def test_a_slot_is_held_once_however_often_it_is_noted() -> None:
    slots = Slots(SlotLimits(total=2))
    slots.hold(a_key("a"), REPORT)
    slots.hold(a_key("a"), REPORT)

    assert asked(slots, "a", "b") == ["b"]


def test_other_limits_hold_from_now_on() -> None:
    slots = Slots(SlotLimits(total=0))
    assert asked(slots, "a") == []

    slots.limits = SlotLimits(total=None)

    assert [key.name for key in slots.grant()] == ["a"]
