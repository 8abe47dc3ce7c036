"""What holds for one execution: its notebook's runtime and defaults, with its own overrides."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from podbook_crds.call_rules import languages
from podbook_crds.call_rules.overriding.check import check_overrides
from podbook_crds.call_rules.terms import Held
from podbook_crds.content import Content
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import OverrideNotAllowed
from podbook_crds.resources.execution import Execution, RuntimeOverride
from podbook_crds.resources.notebook import (
    Defaults,
    EnvVar,
    Notebook,
    Resources,
    Runtime,
    Version,
)
from podbook_crds.resources.overrides import Overrides
from podbook_operator.config import Kernel
from podbook_operator.pod import kernel_command, labels, volumes
from podbook_operator.rules import environments
from podbook_operator.rules.parameter_verdict import FITS, Problem, Verdict, judged_at_once


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one execution; durations in seconds."""

    notebook: str  # Name of the Notebook resource; empty for an inline notebook.
    digest: str | None
    runtime: Runtime
    deadline_seconds: int
    start_timeout_seconds: int
    queue_timeout_seconds: int
    retry_limit: int
    idempotent: bool
    ttl_seconds: int
    max_concurrent: int | None = None
    # The kernel's argv.
    command: tuple[str, ...] = ()
    is_notebook_missing: bool = False
    problem: Problem | None = None
    # Whether its parameters take a process to be judged, whose answer is not there yet.
    is_unjudged: bool = False

    @property
    def held(self) -> Held:
        """What it takes of the cluster."""
        return Held(
            deadline_seconds=self.deadline_seconds,
            start_timeout_seconds=self.start_timeout_seconds,
            queue_timeout_seconds=self.queue_timeout_seconds,
            retry_limit=self.retry_limit,
            ttl_seconds=self.ttl_seconds,
            resources=self.runtime.resources,
        )

    @property
    def needs_fresh_notebook(self) -> bool:
        """Whether a newer state of the notebook may say otherwise: watches are not in step."""
        return self.is_notebook_missing or self.problem is not None

    @property
    def needs_kept_version(self) -> bool:
        """Whether the notebook no longer knows what the execution is pinned to."""
        return self.problem is not None and self.problem.reason is Reason.NOTEBOOK_CHANGED


def terms(
    execution: Execution,
    notebook: Notebook | None,
    kernels: Mapping[str, Kernel],
    *,
    images: Mapping[str, str] = MappingProxyType({}),
    verdict: Verdict | None = None,
    kept: Version | None = None,
) -> Terms:
    """Return what holds; notebook is the catalog entry that the execution names, None without.

    kept is the version that the execution is pinned to, where its notebook knows it no more.

    kernels are those that the operator's own configuration knows by name, images those of
    environments by their locks; verdict is what was found about parameters that cannot be judged
    here, where it is known.
    """
    found = _found(execution, notebook, verdict, kept)
    if notebook is not None:
        found = replace(found, notebook=notebook.name)  # It may have been called by its id.
    named = execution.spec.runtime.kernel
    found = replace(found, runtime=environments.in_its_image(found.runtime, images))
    argv = kernel_command.command(found.runtime, kernels, asked=named)
    if found.problem is not None:
        return found
    if wrong := runtime_problem(found.runtime):
        return replace(found, problem=Problem(Reason.INVALID_RUNTIME, wrong))
    if argv is not None:
        return replace(found, command=tuple(argv))
    if named is not None:
        known = kernel_command.known(kernels)
        sentence = f"runtime.kernel: no kernel is called '{named[:80]}' here; known are: {known}"
    else:
        kernel, language = found.runtime.kernel, found.runtime.language
        asked = f"kernel '{kernel}'" if kernel else f"the language '{language}'"
        sentence = f"runtime: no command is known for {asked}; set runtime.command"
    return replace(found, problem=Problem(Reason.KERNEL_NOT_FOUND, sentence))


def runtime_problem(runtime: Runtime) -> str:
    """Say what of a runtime can be in no pod; empty where nothing is wrong."""
    wrong = labels.problem(runtime.pod_labels, runtime.pod_annotations)
    said = volumes.problem(runtime) or (f"runtime.{wrong}" if wrong else "")
    return said or environments.problem(runtime)


def _found(
    execution: Execution,
    notebook: Notebook | None,
    verdict: Verdict | None,
    kept: Version | None,
) -> Terms:
    reference = execution.spec.notebook
    if reference.name is None:
        runtime = Runtime(language=languages.of_inline(execution))
        judged = _judged(execution, None, verdict)
        return _terms(execution, runtime, Defaults(), verdict=judged)
    if notebook is None and reference.digest is None:
        return _terms(execution, Runtime(), Defaults(), is_notebook_missing=True)
    if notebook is not None and reference.digest in {None, current := _digest(notebook)}:
        judged = _judged(execution, notebook, verdict)
        spec = notebook.spec
        return _terms(execution, spec.runtime, spec.defaults, digest=current, verdict=judged)
    known = [] if notebook is None else notebook.status.versions
    for version in [*known, *([kept] if kept else [])]:
        if version.digest == reference.digest:
            return _as_accepted(execution, version)
    return _changed(execution)


def _as_accepted(execution: Execution, version: Version) -> Terms:
    """What was accepted holds, whatever has become of its notebook."""
    verdict = Verdict(_not_allowed(execution, version.overrides))
    return _terms(
        execution, version.runtime, version.defaults, digest=version.digest, verdict=verdict
    )


def _digest(notebook: Notebook) -> str:
    """Return the digest of the notebook as it stands; its status may be of an earlier version."""
    status = notebook.status
    if status.digest is not None and status.observed_generation == notebook.generation:
        return status.digest
    return Content.of(notebook.id, notebook.spec).digest


def _changed(execution: Execution) -> Terms:
    """Pinned content whose runtime nobody remembers: the notebook moved on, or is gone."""
    reference = execution.spec.notebook
    sentence = f"content {reference.digest} of notebook '{reference.name}' is no longer known"
    problem = Problem(Reason.NOTEBOOK_CHANGED, f"{sentence}; submit it again")
    return _terms(execution, Runtime(), Defaults(), verdict=Verdict(problem))


def _terms(
    execution: Execution,
    runtime: Runtime,
    defaults: Defaults,
    *,
    digest: str | None = None,
    is_notebook_missing: bool = False,
    verdict: Verdict = FITS,
) -> Terms:
    spec = execution.spec
    held = Held.of(spec, runtime, defaults)
    return Terms(
        notebook=spec.notebook.name or "",
        digest=digest,
        runtime=_overridden(runtime, spec.runtime, held.resources),
        deadline_seconds=held.deadline_seconds,
        start_timeout_seconds=held.start_timeout_seconds,
        queue_timeout_seconds=held.queue_timeout_seconds,
        retry_limit=held.retry_limit,
        idempotent=defaults.idempotent if spec.idempotent is None else spec.idempotent,
        ttl_seconds=held.ttl_seconds,
        max_concurrent=defaults.max_concurrent,
        is_notebook_missing=is_notebook_missing,
        problem=verdict.problem,
        is_unjudged=verdict.is_open,
    )


def _overridden(runtime: Runtime, override: RuntimeOverride, resources: Resources) -> Runtime:
    env = _with_env(runtime.env, override.env)
    update: dict[str, object] = {"env": env, "resources": resources}
    if override.kernel is not None:
        update |= {"kernel": override.kernel, "command": None}
    return runtime.model_copy(update=update)


def _with_env(own: list[EnvVar], override: list[EnvVar]) -> list[EnvVar]:
    """Return the notebook's variables with a call's in their places, new ones first.

    A caller's value is what it says: Kubernetes would put another variable, or a Secret's key, in
    the place of a `$(NAME)`.
    """
    values = {variable.name: variable.value.replace("$", "$$") for variable in override}
    listed = {variable.name for variable in own}
    return [
        *(EnvVar(name=name, value=value) for name, value in values.items() if name not in listed),
        *(v.model_copy(update={"value": values.get(v.name, v.value)}) for v in own),
    ]


def _judged(execution: Execution, notebook: Notebook | None, verdict: Verdict | None) -> Verdict:
    """What the API checks before it creates an execution is checked here for everybody else."""
    if notebook is not None and notebook.spec.problem:
        return Verdict(Problem(Reason.INVALID_NOTEBOOK, notebook.spec.problem))
    allowed = None if notebook is None else notebook.spec.overrides
    if problem := _not_allowed(execution, allowed, inline=notebook is None):
        return Verdict(problem)
    return verdict or judged_at_once(execution, notebook)


def _not_allowed(
    execution: Execution, allowed: Overrides | None, *, inline: bool = False
) -> Problem | None:
    try:
        check_overrides(execution.spec.runtime, allowed, inline=inline)
    except OverrideNotAllowed as error:
        return Problem(Reason.INVALID_RUNTIME, str(error))
    return None
