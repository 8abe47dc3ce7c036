"""Makes the lock file of a folder that was read, and tells where one is not current."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath

from podbook_catalog.environments.dockerfile import requirements
from podbook_catalog.environments.needs import Needs
from podbook_catalog.locked.lock_file import LockedEnvironment, LockedModule, LockFile
from podbook_catalog.locked.locks import source
from podbook_catalog.snapshot import Snapshot


def locked(
    snapshot: Snapshot, before: LockFile | None, *, lock: Callable[[Needs], str]
) -> LockFile:
    """Return what the file should be. What was locked before stays locked as it was."""
    return LockFile(
        models=modules_of(snapshot),
        environments=list(_environments(snapshot, before, lock)),
    )


def modules_of(snapshot: Snapshot) -> list[LockedModule]:
    """Return the modules with shared models that the folder's contracts refer to, sorted."""
    found = []
    for (folder, module, python_path), (models, files) in sorted(snapshot.modules.items()):
        paths = [path for path in files if PurePosixPath(path) in snapshot.files]
        found.append(
            LockedModule(
                module=module,
                folder=folder,
                python_path=list(python_path),
                sources={path: source(snapshot.root / path) for path in paths},
                models=models,
            )
        )
    return found


def not_current(snapshot: Snapshot, file: LockFile) -> Iterable[str]:
    """Yield what the file says otherwise, or not at all, than the folder does."""
    held = {each.key: each for each in file.models}
    for module in modules_of(snapshot):
        if held.get(module.key) != module:
            shown = f"{module.folder}/{module.module}".lstrip("/")
            yield f"the schemas of the shared models of {shown} are not in it as they are"
    known = {each.needs.key for each in file.environments}
    for needs in snapshot.needs.values():
        if needs.key not in known:
            yield f"what is needed ({needs.words}) has no lock in it"


def _environments(
    snapshot: Snapshot, before: LockFile | None, lock: Callable[[Needs], str]
) -> Iterator[LockedEnvironment]:
    held = {each.needs.key: each for each in (before.environments if before else [])}
    needed = {needs.key: needs for needs in snapshot.needs.values()}
    for key, needs in sorted(needed.items()):
        yield held.get(key) or LockedEnvironment(
            requirements=list(needs.requirements),
            python=needs.python,
            lock=requirements(lock(needs)),
        )
