"""The command line: `podbook`."""

from podbook.cli.app import main

__all__ = ["main"]
