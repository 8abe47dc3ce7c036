"""The roles that a namespace's members have already show Podbook to them, and no more than that."""

from pathlib import Path
from typing import Any

import yaml

from podbook_crds import names

CHART = Path(__file__).parents[2] / "charts" / "podbook"
READING = {"get", "list", "watch"}


def roles() -> list[dict[str, Any]]:
    """Return the chart's roles for people, without what differs by release."""
    text = (CHART / "templates" / "roles.yaml").read_text()
    plain = "\n".join(line for line in text.splitlines() if "{{" not in line)
    return [role for role in yaml.safe_load_all(plain) if role]


def joined(own: str) -> set[tuple[str, str]]:
    """Return verbs and resources that join one of the cluster's own roles."""
    label = f"rbac.authorization.k8s.io/aggregate-to-{own}"
    return {
        (verb, resource)
        for role in roles()
        if role["metadata"].get("labels", {}).get(label) == "true"
        for rule in role["rules"]
        if rule["apiGroups"] == [names.GROUP]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_members_see_and_editors_run_what_is_podbooks() -> None:
    plurals = (names.NOTEBOOK_PLURAL, names.EXECUTION_PLURAL)
    seen = {(verb, plural) for verb in READING for plural in plurals}
    running = {("create", names.EXECUTION_PLURAL), (names.EXECUTE_VERB, names.NOTEBOOK_PLURAL)}

    assert yaml.safe_load((CHART / "values.yaml").read_text())["rbac"]["aggregate"] is True
    assert joined("view") == seen
    assert seen | running <= joined("edit") == joined("admin")


def test_nobody_but_the_api_says_who_asked_for_a_run() -> None:
    verbs = {verb for role in roles() for rule in role["rules"] for verb in rule["verbs"]}

    assert verbs.isdisjoint({names.ATTRIBUTE_VERB, "*"})
