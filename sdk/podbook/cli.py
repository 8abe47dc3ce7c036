"""The command line by its old name: `podbook.cli`, `python -m podbook.cli`."""

from podbook_cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
