"""How long `podbook check` takes for a large folder: 500 notebooks, each with a contract."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from podbook_catalog.checks.checked import check_folder

NOTEBOOKS = 500
BOUND_SECONDS = 5.0
EXAMPLES = Path(__file__).parents[1] / "notebooks"


def main() -> None:
    """Print the seconds of one look, by the clock and of CPU."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(NOTEBOOKS):
            for suffix in (".ipynb", ".config.json"):
                shutil.copy(EXAMPLES / f"analysis{suffix}", Path(folder, f"n{number}{suffix}"))
        began, used = time.perf_counter(), time.process_time()
        checked = check_folder(Path(folder), python=Path(sys.executable), environment=os.environ)
        took, cpu = time.perf_counter() - began, time.process_time() - used
    assert (len(checked.entries), checked.faults) == (NOTEBOOKS, [])
    print(f"{NOTEBOOKS} notebooks checked in {took:.2f} s ({cpu:.2f} s of CPU)")
    print(f"bound: {BOUND_SECONDS:.0f} s, {'kept' if took <= BOUND_SECONDS else 'BROKEN'}")


if __name__ == "__main__":
    main()
