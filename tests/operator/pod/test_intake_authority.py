"""Who vouches for the intake is told to the runner, and to nobody else."""

from pathlib import Path
from typing import Any

import pytest

from podbook_crds import names
from podbook_operator.config import OperatorConfig
from podbook_operator.pod.manifest import Site, build
from podbook_operator.process.intake_authority import IntakeAuthority
from podbook_operator.rules.effective_spec import terms
from tests.support.views import a_notebook, an_execution

OLD, NEW = ("-----BEGIN CERTIFICATE-----\n" + text for text in ("old", "new"))


def told(authority: IntakeAuthority) -> list[str]:
    """Make a pod; return what its runner is told, which its kernel never is."""
    site = Site("https://intake:5051", "runner", "kernel", intake_ca=authority.current)
    execution, config = an_execution(), OperatorConfig()
    found = terms(execution, a_notebook(), {})

    made: Any = build(execution, found, attempt=1, site=site, config=config)

    kernel, runner = made["spec"]["containers"]
    assert names.ENV_INTAKE_CA not in {each["name"] for each in kernel["env"]}
    return [each["value"] for each in runner["env"] if each["name"] == names.ENV_INTAKE_CA]


def test_a_runner_alone_is_told_who_vouches_for_the_intake(tmp_path: Path) -> None:
    (file := tmp_path / "ca.crt").write_text(OLD)

    assert told(IntakeAuthority(file)) == [OLD]
    assert told(IntakeAuthority()) == []


@pytest.mark.parametrize("broken", [b"", b"half of a cert", b"\xff" + NEW.encode(), None])
def test_a_renewed_authority_is_told_from_then_on_and_a_broken_one_never(
    tmp_path: Path, broken: bytes | None
) -> None:
    (file := tmp_path / "ca.crt").write_text(OLD)
    authority = IntakeAuthority(file)
    if broken is None:
        file.unlink()
    else:
        file.write_bytes(broken)

    assert not authority.refresh()
    assert told(authority) == [OLD]
    file.write_text(NEW)
    assert authority.refresh()
    assert told(authority) == [NEW]
    assert not authority.refresh()
