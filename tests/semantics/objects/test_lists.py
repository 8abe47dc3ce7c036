"""Lists: selectors, pages, snapshots."""

from collections.abc import Iterator

import pytest

from rig.kube_client import Answer, Kube, unique
from rig.widgets import API_VERSION, a_widget


def _names(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [item["metadata"]["name"] for item in answer.body["items"]]


@pytest.fixture(scope="module")
def label(kube: Kube, widgets: str) -> Iterator[str]:
    """The label of five widgets: a (blue, tier 1), b (blue, tier 2), c, d, e (red, no tier)."""
    label = unique("l")
    for name, colour, tier in (
        ("a", "blue", "1"),
        ("b", "blue", "2"),
        ("c", "red", ""),
        ("d", "red", ""),
        ("e", "red", ""),
    ):
        labels = {"set": label, **({"tier": tier} if tier else {})}
        kube.create(widgets, a_widget(f"{label}-{name}", colour=colour, metadata_labels=labels))
    yield label
    kube.delete(widgets, labelSelector=f"set={label}")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        pytest.param("tier=1", "a", id="equal"),
        pytest.param("tier==2", "b", id="equal, spelled out"),
        pytest.param("tier!=1", "bcde", id="not equal, or absent"),
        pytest.param("tier in (1, 2)", "ab", id="in"),
        pytest.param("tier notin (1)", "bcde", id="not in, or absent"),
        pytest.param("tier", "ab", id="present"),
        pytest.param("!tier", "cde", id="absent"),
        pytest.param("tier,tier!=2", "a", id="both"),
        pytest.param("tier>1", "b", id="greater"),
    ],
)
def test_label_selectors(
    kube: Kube, widgets: str, label: str, selector: str, expected: str
) -> None:
    listed = _names(kube.get(widgets, labelSelector=f"set={label},{selector}"))

    assert listed == [f"{label}-{letter}" for letter in expected]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        pytest.param("spec.colour=blue", "ab", id="equal"),
        pytest.param("spec.colour!=blue", "cde", id="not equal"),
        pytest.param("spec.colour=blue,status.phase=Queued", "ab", id="both"),
        pytest.param("status.phase=Done", "", id="none"),
    ],
)
def test_field_selectors(
    kube: Kube, widgets: str, label: str, selector: str, expected: str
) -> None:
    listed = kube.get(widgets, labelSelector=f"set={label}", fieldSelector=selector)

    assert _names(listed) == [f"{label}-{letter}" for letter in expected]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"fieldSelector": "spec.size=2"}, id="a field that is not selectable"),
        pytest.param({"fieldSelector": "nonsense"}, id="no field selector"),
        pytest.param({"labelSelector": "a=b=c"}, id="no label selector"),
        pytest.param({"labelSelector": "a/b/c=d"}, id="no label key"),
        pytest.param({"labelSelector": "a in (b,-c)"}, id="no label value"),
        pytest.param({"continue": "NQ"}, id="a continue token of another shape"),
        pytest.param({"limit": "many"}, id="no number"),
        pytest.param({"continue": "nonsense"}, id="no continue token"),
    ],
)
def test_what_can_not_be_read_is_a_bad_request(
    kube: Kube, widgets: str, query: dict[str, str]
) -> None:
    answer = kube.get(widgets, **query)

    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")


def test_pages_are_of_one_moment(kube: Kube, widgets: str, label: str) -> None:
    query = {"labelSelector": f"set={label}", "limit": 2}
    first = kube.get(widgets, **query)
    kube.create(widgets, a_widget(f"{label}-bb", metadata_labels={"set": label}))
    kube.delete(f"{widgets}/{label}-e")
    second = kube.get(widgets, **query, **{"continue": first.body["metadata"]["continue"]})
    third = kube.get(widgets, **query, **{"continue": second.body["metadata"]["continue"]})
    now = kube.get(widgets, labelSelector=f"set={label}")
    kube.create(widgets, a_widget(f"{label}-e", metadata_labels={"set": label}))
    kube.delete(f"{widgets}/{label}-bb")

    assert _names(first) + _names(second) + _names(third) == [f"{label}-{c}" for c in "abcde"]
    assert {first.version, second.version, third.version} == {first.version}
    assert not third.body["metadata"].get("continue")
    assert _names(now) == [f"{label}-{name}" for name in ("a", "b", "bb", "c", "d")]


def test_a_page_says_how_many_are_left(kube: Kube, widgets: str, label: str) -> None:
    whole = len(kube.get(widgets).body["items"])

    page = kube.get(widgets, limit=1)

    assert page.body["metadata"]["remainingItemCount"] == whole - 1
    assert label


def test_all_namespaces_are_listed_at_the_root(kube: Kube) -> None:
    name = unique("c")
    kube.create(kube.path("configmaps"), {"metadata": {"name": name}})

    listed = kube.get("/api/v1/configmaps", fieldSelector=f"metadata.name={name}")

    assert _names(listed) == [name]


def test_a_list_is_sorted_by_namespace_and_name(kube: Kube) -> None:
    listed = kube.get("/api/v1/configmaps").body["items"]
    keys = [f"{item['metadata']['namespace']}/{item['metadata']['name']}" for item in listed]

    assert keys == sorted(keys)


def test_an_exact_version_shows_the_past(kube: Kube, widgets: str, label: str) -> None:
    then = kube.get(widgets).version
    name = kube.create(widgets, a_widget(unique("w"))).name

    past = kube.get(widgets, resourceVersion=then, resourceVersionMatch="Exact")

    assert name not in _names(past)
    assert label


def test_a_version_of_the_future_is_told_to_come_back(kube: Kube, widgets: str) -> None:
    future = str(int(kube.get(widgets).version) + 1_000_000)

    answer = kube.get(widgets, resourceVersion=future)

    assert (answer.status, answer.body["reason"]) == (504, "Timeout")
    assert answer.body["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


def test_collections_are_deleted_by_selector(kube: Kube, widgets: str) -> None:
    label = unique("l")
    kept = kube.create(widgets, a_widget(unique("w"))).name
    for _ in range(3):
        kube.create(widgets, a_widget(unique("w"), metadata_labels={"set": label}))

    answer = kube.delete(widgets, labelSelector=f"set={label}")

    assert answer.status == 200
    assert _names(kube.get(widgets, labelSelector=f"set={label}")) == []
    assert kube.get(f"{widgets}/{kept}").status == 200


def test_a_list_says_what_it_holds(kube: Kube, widgets: str) -> None:
    kube.create(widgets, a_widget(unique("w")))
    kube.create(kube.path("configmaps"), {"metadata": {"name": unique("c")}})
    custom, built_in = kube.get(widgets).body, kube.get(kube.path("configmaps")).body

    assert (custom["kind"], custom["apiVersion"]) == ("WidgetList", API_VERSION)
    assert {(item["kind"], item["apiVersion"]) for item in custom["items"]} == {
        ("Widget", API_VERSION)
    }
    assert (built_in["kind"], built_in["apiVersion"]) == ("ConfigMapList", "v1")
    # The items of a built-in kind may leave it out, and do where a real API server answers.
    assert {item.get("kind", "ConfigMap") for item in built_in["items"]} == {"ConfigMap"}


def test_metadata_can_be_had_alone(kube: Kube, widgets: str) -> None:
    name = kube.create(widgets, a_widget(unique("w"))).name
    accept = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}

    answer = kube.request("GET", f"{widgets}/{name}", headers=accept)

    assert answer.body["kind"] == "PartialObjectMetadata"
    assert "spec" not in answer.body


def test_a_table_has_the_columns_of_the_definition(kube: Kube, widgets: str) -> None:
    name = kube.create(widgets, a_widget(unique("w"))).name
    accept = {"Accept": "application/json;as=Table;g=meta.k8s.io;v=v1"}

    table = kube.request("GET", f"{widgets}/{name}", headers=accept).body

    assert [column["name"] for column in table["columnDefinitions"]] == [
        "Name",
        "Phase",
        "Size",
        "Age",
    ]
    assert table["rows"][0]["cells"][:3] == [name, "Queued", 2]
    assert table["rows"][0]["object"]["metadata"]["name"] == name
