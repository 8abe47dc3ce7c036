"""What a person has to know beside the output: a parameter that changed nothing, what goes soon."""

from datetime import UTC, datetime, timedelta
from typing import Any

from typer.testing import CliRunner

from podbook_cli.app import app
from podbook_cli.looking.one_execution import kept
from rig.ipynb import notebook
from rig.running import RunningPodbook


def test_results_that_are_about_to_go_say_so() -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)

    def told(**ends: Any) -> str:
        times = {name: (now + end).isoformat() for name, end in ends.items() if name != "keep"}
        return "\n".join(kept({"id": "0123456789", "keep": "keep" in ends, **times}, now))

    hours = timedelta(hours=1)
    assert told() == ""
    assert "until somebody" in told(keep=hours)
    assert told(expiresAt=30 * hours).endswith("longer by `podbook keep 01234567`")
    said = told(artifactsExpireAt=3 * hours, expiresAt=30 * hours)
    assert said.startswith("Kept      its files until 2026-11-2")
    assert ", in 3 h 0 min\n          all of it until 2026-11-" in said
    assert said.count(", in ") == 1
    assert ", in 0.0 s\n" in told(expiresAt=-hours)


def test_a_parameter_without_effect_is_told_with_what_was_meant(
    podbook: RunningPodbook,
) -> None:
    cells = ("region = 'north'", "print(region, epochs)")
    podbook.put("effects", notebook(*cells, parameters="epochs = 3\nregion = ''"))
    reported = {"inputValidation": "report", "input": {"properties": {"epochs": {}}}}
    podbook.put("effects_told", notebook("1", parameters="epochs = 3"), reported)

    runner = CliRunner(env={"PODBOOK_URL": podbook.url})
    for words, code, says in [
        (("effects", "-p", "epoch=1"), 2, "(did you mean 'epochs'?)"),
        (("effects", "-p", "region=x"), 0, "warning: "),
        (("effects", "-p", "region=x", "--strict"), 2, "sets 'region' anew"),
        (("effects_told", "-p", "epoch=1"), 0, "warning: parameter 'epoch' "),
        (("effects_told", "-p", "epoch=1"), 0, "(did you mean 'epochs'?)"),
        (("effects_told", "-p", "epoch=1", "--strict"), 2, "(did you mean 'epochs'?)"),
    ]:
        done = runner.invoke(app, ["run", *words], prog_name="podbook")
        assert (done.exit_code, says in done.stderr) == (code, True), (words, done.stderr)
