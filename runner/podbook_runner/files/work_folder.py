"""Lays the notebook's files out in the work folder, which mirrors the catalog's tree."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from podbook_crds import names
from podbook_crds.errors import InvalidNotebook
from podbook_crds.formats.digests import digest_of
from podbook_crds.protocol.job import Job, JobFile

OUTPUT_FILE = f"{names.KERNEL_FOLDER}/output.json"
LIBRARY_FOLDER = f"{names.KERNEL_FOLDER}/lib"

# What notebooks import though the kernel's image has none of it: standard library only, and in
# the Python of the kernel, which may be older than ours.
KERNEL_FILES = (
    (
        "podbook",
        (
            "__init__.py",
            "data_frames.py",
            "jsonable.py",
            "model_values.py",
            "nbschema.py",
            "save_output.py",
        ),
    ),
    ("jupyrest", ("__init__.py", "nbschema.py")),
)

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """The folder that runner and kernel share; root is absolute and the same for both."""

    root: Path
    # Below root, where the notebook stands: "" for the root itself.
    folder: str
    workdir: str

    @classmethod
    def of(cls, root: Path, job: Job) -> "WorkFolder":
        """Return the folder of a job; nothing is written. Raises as lay_out does."""
        folder = str(_inside(job.ipynb.path).parent)
        folder = "" if folder == "." else folder
        return cls(root.absolute(), folder, folder if job.workdir == "notebook" else "")

    @property
    def output_file(self) -> Path:
        """Where save_output writes."""
        return self.root / OUTPUT_FILE

    def lay_out(self, files: Iterable[JobFile], fetch: Fetch) -> None:
        """Write the files and what kernels import from Podbook.

        Raises InvalidNotebook for a path that leads out of the folder.
        """
        for file in files:
            path = self.root / _inside(file.path)
            if not _is_there(path, file):
                _write(path, content(file, fetch))
        for package, modules in KERNEL_FILES:
            self._write_package(package, modules)
        (self.root / self.workdir).mkdir(parents=True, exist_ok=True)

    def _write_package(self, package: str, modules: Iterable[str]) -> None:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"the runner's image lacks {package}")
        source = Path(spec.origin).parent
        for module in modules:
            _write(self.root / LIBRARY_FOLDER / package / module, (source / module).read_bytes())


def content(file: JobFile, fetch: Fetch) -> bytes:
    """Return a file's bytes; raises InvalidNotebook where they are not what the job names."""
    if file.text is not None:
        return file.text.encode("utf-8", "surrogatepass")
    data = fetch(file.digest)
    found = digest_of(data)
    if found != file.digest:
        raise InvalidNotebook(f"{file.path}: the store gave {found} for {file.digest}")
    return data


def _inside(path: str) -> PurePosixPath:
    """Return the path if it stays below the folder and clear of Podbook's own files there."""
    pure = PurePosixPath(path)
    reserved = (names.KERNEL_FOLDER, PurePosixPath(names.SOCKET_PREFIX).parts[0])
    bad = pure.is_absolute() or ".." in pure.parts or "\0" in path or not pure.parts
    if bad or pure.parts[0] in reserved:
        raise InvalidNotebook(f"{path!r}: a file's path must lead below the notebook's folder")
    return pure


def _is_there(path: Path, file: JobFile) -> bool:
    """Tell whether the very file is there: it was laid out before the call, and left alone."""
    try:
        if path.is_symlink() or path.stat().st_size != file.size:
            return False
        return digest_of(path.read_bytes()) == file.digest
    except OSError:
        return False


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
