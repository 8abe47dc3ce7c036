"""A notebook: in a list for programs or for people, and by itself."""

from typing import Annotated, Any

from pydantic import Field, GetPydanticSchema
from typing_extensions import TypedDict

from podbook_api.v1.answers.execution import Summary
from podbook_api.v1.answers.values import JsonSchema
from podbook_crds.resources import example, notebook, overrides
from podbook_crds.resources.pushed import ManagedBy
from podbook_crds.resources.serving import answers
from podbook_crds.resources.serving.warm import WarmLevel

# As to_wire() of the contract's own types has them.
Defaults = Annotated[Any, GetPydanticSchema(lambda _, handler: handler(notebook.Defaults))]
Cache = Annotated[Any, GetPydanticSchema(lambda _, handler: handler(answers.Cache))]
Example = Annotated[Any, GetPydanticSchema(lambda _, handler: handler(example.Example))]
Overrides = Annotated[Any, GetPydanticSchema(lambda _, handler: handler(overrides.Overrides))]


class NotebookLinks(TypedDict):
    """Where it is found, and where a POST runs it."""

    self: str
    executions: str


class ResolvedContract(TypedDict):
    """The schemas of input and output with the shared models in their places."""

    input: JsonSchema | None
    output: JsonSchema | None


class _Known(TypedDict):
    id: str
    language: str
    ready: Annotated[bool, Field(description="Whether it can be run.")]
    problem: Annotated[str | None, Field(description="Why it cannot be run.")]
    managedBy: Annotated[ManagedBy | str, Field(description="Who brings it up to date.")]
    links: NotebookLinks


class _Contracted(TypedDict):
    digest: Annotated[str, Field(description="Of what a run now is made of.")]
    input: JsonSchema | None
    output: JsonSchema | None
    inferred: Annotated[
        bool, Field(description="Whether the contract was only read from the notebook.")
    ]
    outputValidation: notebook.OutputValidation | str
    overrides: Annotated[
        Overrides | None, Field(description="What a call may change of the runtime.")
    ]
    defaults: Defaults
    cache: Annotated[
        Cache | None, Field(description="When an answer is given again; null: every call runs.")
    ]
    examples: Annotated[
        list[Example], Field(description="Calls that its author shows, and what becomes of them.")
    ]
    catalog: Annotated[str | None, Field(description="The catalog that it was pushed with.")]
    version: Annotated[int | None, Field(description="Of those that it was pushed in.")]
    specDigest: Annotated[str, Field(description="Of all that its owner wrote.")]


class WaitingPods(TypedDict):
    """The pods that are made before a call."""

    level: WarmLevel | str
    min: Annotated[int, Field(description="As many wait while nobody calls, too.")]
    max: int
    ready: Annotated[int, Field(description="Those that a call is given at once.")]
    coming: Annotated[int, Field(description="Those that are on their way there.")]
    problem: Annotated[str | None, Field(description="Why fewer wait than are wanted.")]


class _Introduced(TypedDict):
    title: Annotated[str, Field(description="Its own, else its first heading.")]
    description: Annotated[str, Field(description="Its own, else its first sentence.")]
    authors: list[str]
    tags: list[str]
    contract: Annotated[str, Field(description="Such as region, year? → revenue.")]
    lastExecution: Summary | None
    warm: Annotated[WaitingPods | None, Field(description="null: no pod is made before its call.")]


class Statistics(TypedDict):
    """Of its executions that are still there."""

    succeeded: int
    failed: int
    cancelled: int
    medianSeconds: Annotated[
        float | None, Field(description="What the cells of the last that succeeded took.")
    ]


class Notebook(_Known, _Contracted):
    """A notebook as a list for programs tells it."""


class NotebookLine(_Known, _Introduced):
    """A notebook as a list for people tells it."""


class NotebookDetails(_Known, _Introduced, _Contracted):
    """A notebook: what it says of itself, its contract, what holds for its runs."""

    name: Annotated[str, Field(description="Of the Notebook resource, for kubectl.")]
    resolved: ResolvedContract
    models: Annotated[dict[str, Any], Field(description="What the schemas call nbschema://ALIAS.")]
    statistics: Statistics


class NotebookList(TypedDict):
    """The catalog."""

    items: list[Notebook | NotebookLine]
