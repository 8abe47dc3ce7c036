"""Runs the command line: `python -m podbook.cli`."""

from podbook.cli.app import main

main()
