"""Writes the images that hold what notebooks say they need, on our own kernel's: a Dockerfile."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from podbook_catalog.locked.lock_file import LockedEnvironment

# Of the kernel's image, unless BASE is another: what the Dockerfile of Podbook itself says.
PYTHON: Final = "3.11"
_BEGINNING: Final = """\
# The environments of a folder of notebooks, a target each:
#
#   docker build --target TARGET -t REGISTRY/podbook-environments:TARGET - < THIS
#
# and in the chart's values, for those whose images are there:
#
#   environments:
{mapped}
ARG KERNEL=podbook/kernel:{version}
"""
# The Python of the image decides, whatever KERNEL is.
_DEMANDED: Final = """
 && python -c 'import sys; from pip._vendor.packaging.specifiers import SpecifierSet as Wanted; \
sys.exit(None if Wanted(sys.argv[1]).contains(sys.version.split()[0], True) else \
"the notebooks want Python " + sys.argv[1] + ", and this is " + sys.version)' '{python}' \\"""
_STAGE: Final = """
# For {paths}
# {words}
FROM ${{KERNEL}} AS {target}
USER root
RUN printf '%s\\n' \\
{lines}
      > /tmp/lock.txt \\
 && python -m ensurepip \\{demanded}
 && python -m pip install --no-cache-dir --require-hashes -r /tmp/lock.txt \\
 && rm /tmp/lock.txt
USER 65532:65532
"""


def dockerfile(
    environments: Iterable[LockedEnvironment], used_by: Mapping[str, Sequence[str]], *, version: str
) -> str:
    """Return the text: for each environment a target that is named after its lock.

    used_by are the notebooks' paths, by the digests of environments. The same locks make the same
    text.
    """
    found = {each.digest: each for each in environments}
    stages, mapped = [], []
    for digest, environment in sorted(found.items()):
        target = f"lock-{digest.partition(':')[2][:16]}"
        mapped.append(f'#     "{digest}": REGISTRY/podbook-environments:{target}')
        stages.append(_stage(environment, used_by.get(digest, ()), target))
    beginning = _BEGINNING.format(mapped="\n".join(mapped), version=version)
    return beginning + "".join(stages)


def _stage(environment: LockedEnvironment, paths: Sequence[str], target: str) -> str:
    python = environment.python.replace("'", "")
    return _STAGE.format(
        paths=", ".join(map(_shown, sorted(paths))),
        words=_shown(environment.needs.words),
        target=target,
        lines="\n".join(f"      {shlex.quote(line)} \\" for line in environment.lock),
        demanded=_DEMANDED.format(python=python) if python else "",
    )


def _shown(text: str) -> str:
    """No name of a file ends a comment."""
    return text if text.isprintable() else repr(text)


def requirements(lock: str) -> list[str]:
    """Return a lock's requirements with their hashes, one a line, as a shell can quote them.

    In a marker both kinds of quotation marks mean the same.
    """
    whole = re.sub(r"\\\n\s*", "", lock).splitlines()
    kept = (line.strip() for line in whole if line.strip() and not line.lstrip().startswith("#"))
    return [re.sub(r"\s+", " ", line).replace("'", '"') for line in kept]
