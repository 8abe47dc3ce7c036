"""What may be changed while the operator runs."""

from pathlib import Path

import pytest
import yaml
from pydantic.alias_generators import to_camel

from podbook_operator.config import ConfigFile, OperatorConfig, WebhookConfig


def test_an_edit_holds_from_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "operator.yaml"
    path.write_text("slots: {total: 3}")
    config = ConfigFile(path)

    assert config.refresh()
    assert config.current.slots.total == 3
    assert not config.refresh()

    path.write_text("slots: {total: 44}")
    assert config.refresh()
    assert config.current.slots.total == 44


@pytest.mark.parametrize(
    "broken",
    [
        "slots: {total: many}",
        "slots: [",
        "- a list",
        "since: 2026-13-45",
        "# caf\xe9, not in UTF-8",
    ],
)
def test_a_broken_edit_keeps_what_held_before(
    tmp_path: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "operator.yaml"
    path.write_text("slots: {total: 3}")
    config = ConfigFile(path)
    config.refresh()

    path.write_bytes(broken.encode("latin-1"))

    assert not config.refresh()
    assert config.current.slots.total == 3
    assert str(path) in caplog.text


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert not ConfigFile(None).refresh()
    assert not ConfigFile(tmp_path / "none.yaml").refresh()


def test_the_documented_settings_of_webhooks_are_the_defaults() -> None:
    document = (Path(__file__).parents[3] / "docs" / "how-to" / "webhooks.md").read_text()
    shown = yaml.safe_load(document.split("```yaml\n")[1].split("```")[0])

    read = OperatorConfig.model_validate(shown)

    assert read == OperatorConfig()
    assert set(shown["webhooks"]) == {to_camel(name) for name in WebhookConfig.model_fields}
