"""What the intake hands to a runner that claimed its attempt."""

from pydantic import Field

from podbook_crds.resources.model import Model
from podbook_crds.resources.notebook import OutputValidation, Schema, SharedModel


class JobFile(Model):
    """A file to lay out in the work folder; small ones travel with the job."""

    path: str
    digest: str
    size: int
    text: str | None = None


class Job(Model):
    """One attempt: everything the runner needs, in one answer."""

    namespace: str
    name: str
    uid: str
    attempt: int
    # The path of the notebook below the work folder without .ipynb; may hold slashes.
    notebook_id: str
    ipynb: JobFile
    files: list[JobFile] = Field(default_factory=list)
    # JSON text of an object: exactly what the caller sent, where it was kept as text.
    parameters: str = "{}"
    # Whether a cell that no tag marks, but its first line, declares them: on all but old surfaces.
    by_first_line: bool = False
    input: Schema | None = None
    output: Schema | None = None
    inferred: bool = False
    models: dict[str, SharedModel] = Field(default_factory=dict)
    output_validation: OutputValidation = OutputValidation.ENFORCE
    language: str = "python"
    kernel: str | None = None
    python_path: list[str] = Field(default_factory=list)
    workdir: str = "notebook"
    deadline_seconds: int = 3600
