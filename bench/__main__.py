"""Runs every measurement, one after the other, each in a process of its own.

python -m bench [NAME …]    names are those of the files here; without any, all of them
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    """Return the measurements that this machine can make alone.

    Those in cluster/ need the real control plane: `make bench-cluster`.
    """
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem != "__main__")


def main() -> int:
    """Run them and return 1 where one failed."""
    failed = []
    for name in sys.argv[1:] or names():
        print(f"\n=== {name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False)
        if done.returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
