"""What is remembered, and what cannot undo it."""

from dataclasses import replace

from podbook_crds.ends.phases import Phase
from podbook_operator.watch.cache import Cache
from tests.support.views import NOW, a_pod, an_execution, seconds


def test_an_older_state_never_replaces_a_newer_one() -> None:
    cache = Cache()
    execution = an_execution()
    newer = execution.model_copy(update={"resource_version": "100"})

    assert cache.put_execution(newer)
    assert not cache.put_execution(execution)
    assert cache.execution(execution.uid) == newer


def test_what_is_already_known_is_no_news() -> None:
    cache = Cache()

    assert cache.put_pod(a_pod())
    assert not cache.put_pod(a_pod())


def test_a_late_event_does_not_bring_a_pod_back() -> None:
    cache = Cache()
    pod = a_pod()
    cache.put_pod(replace(pod, resource_version="30", is_gone=True))
    cache.forget(pod.execution_uid)

    assert not cache.put_pod(replace(pod, resource_version="40"))
    assert cache.pods(pod.execution_uid) == ()


def test_the_last_state_of_a_pod_that_went_stays_until_it_was_looked_at() -> None:
    cache = Cache()
    pod = a_pod()
    cache.put_pod(pod)
    cache.put_pod(replace(pod, resource_version="30", is_gone=True))

    assert [p.is_gone for p in cache.pods(pod.execution_uid)] == [True]


def test_leaving_the_unfinished_forgets_what_was_known_before() -> None:
    cache = Cache()
    execution = an_execution()
    cache.put_execution(execution)

    assert not cache.drop_execution(execution.uid, up_to="9")
    assert cache.drop_execution(execution.uid, up_to="11")
    assert cache.execution(execution.uid) is None


def test_a_final_execution_is_not_forgotten_for_having_left_the_unfinished() -> None:
    cache = Cache()
    execution = an_execution(phase=Phase.SUCCEEDED)
    cache.put_execution(execution)

    assert not cache.drop_execution(execution.uid, up_to="99")
    assert cache.execution(execution.uid) == execution


def test_a_deletion_is_known_at_once_and_can_only_come_sooner() -> None:
    cache = Cache()
    pod = a_pod()
    cache.put_pod(pod)

    for grace, at in ((30, 30), (60, 30), (1, 1)):
        cache.pod_is_deleted(pod, now=NOW, grace_seconds=grace)

        (known,) = cache.pods(pod.execution_uid)
        assert known.deletion_at == NOW + seconds(at)
