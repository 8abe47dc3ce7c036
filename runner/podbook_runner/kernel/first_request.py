"""The silent first request: puts the kernel in its folder, and Podbook's modules within reach."""

import json
import shlex
from typing import Final

from podbook_crds.names import ARTIFACTS_FOLDER, ENV_ARTIFACTS, ENV_OUTPUT
from podbook_runner.files.work_folder import LIBRARY_FOLDER, WorkFolder
from podbook_runner.kernel.exits import trap

# A function of its own: the notebook's namespace stays empty.
_PYTHON: Final = """\
def _podbook(folder, before, library, output):
    import os
    import sys

    os.chdir(folder)
    os.environ[{variable!r}] = output
    os.environ[{artifacts!r}] = os.path.join(folder, {below!r})
    sys.path[:0] = [path for path in before if path not in sys.path]
    sys.path.append(library)


_podbook({folder!r}, {before!r}, {library!r}, {output!r})
del _podbook
"""

# A locale without UTF-8 would write `<U+00FC>` for every ü. IRkernel's own quit() drops the status,
# and puts itself into the base package before each cell: an attached one is found before that.
_R: Final = """\
setwd({folder}); Sys.setenv({variable} = {output})
if (!isTRUE(l10n_info()[["UTF-8"]]))
  for (locale in c("C.UTF-8", "en_US.UTF-8"))
    if (nzchar(suppressWarnings(Sys.setlocale("LC_CTYPE", locale)))) break
attach(local({{
  quit <- q <- function(save = "default", status = 0, runLast = TRUE) {{
    if (!identical(as.integer(status), 0L))
      stop("quit with status ", status, call. = FALSE)
    base::quit(save, status, runLast)
  }}
  list(quit = quit, q = q)
}}), name = "podbook", warn.conflicts = FALSE)
"""


def code(language: str, place: WorkFolder, python_path: list[str]) -> str:
    """Return the code; empty for a language whose kernel stays in the work folder.

    Relative paths of python_path start at the work folder, the catalog's root.
    """
    language = language.lower()
    folder, output = str(place.root / place.workdir), str(place.output_file)
    if language == "python":
        own = [str(place.root / path) for path in (*python_path, place.folder)]
        before = [folder, *own, str(place.root)]
        return _PYTHON.format(
            variable=ENV_OUTPUT,
            artifacts=ENV_ARTIFACTS,
            below=ARTIFACTS_FOLDER,
            folder=folder,
            before=list(dict.fromkeys(before)),
            library=str(place.root / LIBRARY_FOLDER),
            output=output,
        )
    if language == "bash":
        given = f"cd {shlex.quote(folder)} && export {ENV_OUTPUT}={shlex.quote(output)}"
        return f"{given} && {trap(place)}"
    if language == "r":
        return _R.format(folder=json.dumps(folder), variable=ENV_OUTPUT, output=json.dumps(output))
    if language == "julia":
        return f'cd({json.dumps(folder)}); ENV["{ENV_OUTPUT}"] = {json.dumps(output)}; nothing'
    return ""
