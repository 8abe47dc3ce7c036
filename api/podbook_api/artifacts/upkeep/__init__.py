"""Keeps the artifact store in order: sweeps it, and finds out whether it takes what is written."""
