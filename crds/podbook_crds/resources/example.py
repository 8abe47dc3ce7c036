"""An example of a notebook's calls: shown to people as one, and run as a test."""

from typing import Any, Final

from pydantic import Field, JsonValue

from podbook_crds.resources.model import Model

COUNT_LIMIT: Final = 50


class Tolerance(Model):
    """How far a number may be from the one that was expected."""

    relative: float = Field(default=1e-9, ge=0, description="A share of the expected number.")
    absolute: float = Field(default=0, ge=0)


class Example(Model):
    """Parameters of a call, and what is expected to become of it; at least that it succeeds."""

    name: str = Field(min_length=1, max_length=63, pattern=r"^[^\x00-\x1f\x7f]+$")
    description: str | None = Field(default=None, max_length=1024)
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    output: Any = Field(default=None, description="What is saved; whatever it is if not said.")
    reason: str | None = Field(
        default=None, description="Why a run ends that is to fail, such as NotebookRaised."
    )
    exception: str | None = Field(
        default=None, description="The name of the exception that it raises."
    )
    tolerance: Tolerance = Tolerance()
    ignore: list[str] = Field(
        default_factory=list,
        description="JSON pointers to what is not compared; * stands for any key or index.",
    )

    @property
    def expects_output(self) -> bool:
        """Whether it says what is saved, be it null."""
        return "output" in self.model_fields_set
