"""The most that calls may ask for, as the operator's configuration has it just now."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from podbook_crds.call_rules.limits import Limits, check_limits
from podbook_crds.formats.reread_files import RereadFile
from podbook_crds.resources.model import Model
from podbook_crds.resources.notebook import Defaults, Runtime


class _OperatorConfig(Model):
    """What of the operator's file concerns the API; what else is in it is the operator's."""

    limits: Limits = Limits()
    # Images, by what notebooks say they need; only the names of the latter are anybody's business.
    environments: dict[str, str] = Field(default_factory=dict)


class ReleaseLimits:
    """Refuses at the call what the operator would end as InvalidRuntime.

    The operator has the last word: it reads the same file, perhaps some seconds earlier or later.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = RereadFile(path, _OperatorConfig)

    @property
    def limits(self) -> Limits:
        """The most that calls may ask for just now."""
        self._file.refresh()
        return self._file.current.limits

    @property
    def environments(self) -> list[str]:
        """What notebooks may say they need: an image holds it here."""
        self._file.refresh()
        return sorted(self._file.current.environments)

    def check(self, said: Mapping[str, Any], *, runtime: Runtime, defaults: Defaults) -> None:
        """Raise LimitExceeded; said is what the call says of its spec."""
        check_limits(said, self.limits, runtime=runtime, defaults=defaults)
