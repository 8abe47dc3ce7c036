"""Writes a job's notebook with its parameters in it, and runs nothing: Job on stdin, ipynb out.

`python -m podbook_runner.prepare`. Where the notebook cannot be used, exit code 2 with one sentence
on stderr; where the parameters cannot, 3 with a JSON list of pointers and messages.
"""

import json
import sys

from podbook_crds.errors import InvalidNotebook, InvalidParameters
from podbook_crds.protocol.job import Job
from podbook_runner.cells.notebook import read
from podbook_runner.cells.notebook_text import NotebookText
from podbook_runner.parameters.parameters_cell import inject


def prepared(job: Job) -> bytes:
    """Return the ipynb; the job holds the notebook as text. Raises as its parts do."""
    source = (job.ipynb.text or "").encode("utf-8", "surrogatepass")
    return NotebookText(inject(read(source), job)).render()


def main() -> int:
    """Answer one job; return the exit code."""
    try:
        ipynb = prepared(Job.model_validate_json(sys.stdin.buffer.read()))
    except InvalidNotebook as error:
        sys.stderr.write(str(error))
        return 2
    except InvalidParameters as error:
        sys.stderr.write(json.dumps([[v.pointer, v.message] for v in error.violations]))
        return 3
    sys.stdout.buffer.write(ipynb)
    return 0


if __name__ == "__main__":
    sys.exit(main())
